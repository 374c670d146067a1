import { runVector } from '../../device-profiles/check-vectors.ts';
import { vectorOf } from '../../device-profiles/vector-of.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import type { Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { Actor, Changes, CodecCase } from '../../infra/registry/contract.ts';

/** Letters of who kept a case, of the 300 that say where a case is from. */
const FROM_AT_MOST = 300;

/** Keeps a message with what the profile makes of it now. @throws as `addCodecCase`. */
export const keepCase = async (
  changes: Pick<Changes, 'addCodecCase'>,
  profile: Profile,
  { uplink, name, by }: { readonly uplink: Uplink; readonly name: string; readonly by: Actor },
): Promise<CodecCase> => {
  const { payload, receivedAt, lorawan } = uplink;
  const input = { payload, receivedAt, ...(lorawan === undefined ? {} : { fPort: lorawan.fPort }) };
  return changes.addCodecCase(
    profile.id,
    await vectorOf(profile, input, { name, from: `kept by ${by.name}`.slice(0, FROM_AT_MOST) }),
  );
};

/** How each kept case differs from what was expected of it; nothing where it holds. */
export const faultsOfCases = (profile: Profile, cases: readonly CodecCase[]): Promise<readonly (readonly string[])[]> =>
  Promise.all(cases.map(({ vector }) => runVector(profile, vector)));
