import { decodeOne } from './check-vectors.ts';
import type { Vector } from './definition/schema.ts';
import { measure } from './measure.ts';
import { isUnusable, type DecodeInput, type Profile } from './profile.ts';
import { iso } from './vocabulary/time.ts';

/**
 * A message and what a profile makes of it now, as an entry of `vectors.yaml`: `runVector` says later whether it still does.
 */
export const vectorOf = async (
  profile: Profile,
  input: DecodeInput,
  { name, from }: Pick<Vector, 'name' | 'from'>,
): Promise<Vector> => {
  const { payload, fPort, receivedAt } = input;
  const text = Buffer.from(payload).toString('utf8');
  // Bytes that are no text would come back as others.
  const message =
    profile.sends === 'json' && Buffer.from(text).equals(payload)
      ? { text }
      : { hex: Buffer.from(payload).toString('hex') };
  const asked = {
    name,
    from,
    receivedAt: iso(receivedAt),
    uplink: { ...message, ...(fPort === undefined ? {} : { fPort }) },
  };
  const result = await decodeOne(profile, input);
  if (isUnusable(result)) return { ...asked, refused: result.reason };
  return {
    ...asked,
    readings: result.map((one) => ({
      ...(one.time === undefined ? {} : { at: iso(one.time) }),
      decoded: Object.fromEntries(one.fields),
      observed: Object.fromEntries(
        measure(profile, one).map(({ quantity, value }) => [
          quantity,
          value.kind === 'measured' ? value.value : value.reason,
        ]),
      ),
    })),
    unmapped: result.reduce((sum, one) => sum + one.unmapped, 0),
  };
};
