import type { Codec, Frame, Rows } from '../codec/sandbox.ts';
import type { Decoded, DecodeInput, Notes, Profile } from '../profile.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import { each } from './each.ts';
import { decodeKeys, type Mapping } from './mapping.ts';

/** The decode of a profile whose devices send bytes. `ports` empty: any. */
export const codecDecoder = (mapping: Mapping, codec: Codec, ports: readonly number[]): Profile['decode'] => {
  const onOurPort = ({ fPort }: DecodeInput): boolean =>
    ports.length === 0 || (fPort !== undefined && ports.includes(fPort));
  return async (inputs, notes) => {
    const ours = inputs.filter(onOurPort);
    const ourNotes = notes?.filter((_, index) => inputs.slice(index, index + 1).some(onOurPort));
    const answers = (await codec.decodeUplink(ours.map(frameOf), ourNotes)).values();
    return each(inputs, (input, index) => {
      if (!onOurPort(input))
        return {
          reason: 'port-unknown',
          detail: `fPort ${input.fPort ?? 'missing'}; measurements come on ${ports.join(', ')}`,
        };
      const rows = answers.next().value ?? NO_ANSWER;
      return 'reason' in rows ? rows : readingsOf(mapping, rows, notes?.[index]);
    });
  };
};

const NO_ANSWER: Unusable = { reason: 'internal-fault', detail: 'the codec gave no answer for this frame' };

const frameOf = ({ payload, receivedAt, fPort, variables }: DecodeInput): Frame => ({
  bytes: payload,
  recvTime: receivedAt,
  ...(fPort === undefined ? {} : { fPort }),
  ...(variables === undefined ? {} : { variables }),
});

const readingsOf = (mapping: Mapping, rows: Rows, notes: Notes | undefined): readonly Decoded[] | Unusable => {
  if (notes !== undefined) notes.said = rows;
  const decoded: Decoded[] = [];
  for (const row of rows) {
    const one = decodeKeys(mapping, row, notes?.unmapped);
    if ('reason' in one) return one;
    decoded.push(one);
  }
  return decoded.length > 0 ? decoded : { reason: 'no-quantity', detail: 'the codec found nothing' };
};
