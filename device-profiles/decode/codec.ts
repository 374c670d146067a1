import type { Codec, Frame, Rows } from '../codec/sandbox.ts';
import type { Decoded, DecodeInput, Profile } from '../profile.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import { each } from './each.ts';
import { decodeKeys, type Mapping } from './mapping.ts';

/** The decode of a profile whose devices send bytes. `ports` empty: any. */
export const codecDecoder = (mapping: Mapping, codec: Codec, ports: readonly number[]): Profile['decode'] => {
  const onOurPort = ({ fPort }: DecodeInput): boolean =>
    ports.length === 0 || (fPort !== undefined && ports.includes(fPort));
  return async (inputs) => {
    const answers = (await codec.decodeUplink(inputs.filter(onOurPort).map(frameOf))).values();
    return each(inputs, (input) => {
      if (!onOurPort(input))
        return {
          reason: 'port-unknown',
          detail: `fPort ${input.fPort ?? 'missing'}; measurements come on ${ports.join(', ')}`,
        };
      const rows = answers.next().value ?? NO_ANSWER;
      return 'reason' in rows ? rows : readingsOf(mapping, rows);
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

const readingsOf = (mapping: Mapping, rows: Rows): readonly Decoded[] | Unusable => {
  const decoded: Decoded[] = [];
  for (const row of rows) {
    const one = decodeKeys(mapping, row);
    if ('reason' in one) return one;
    decoded.push(one);
  }
  return decoded.length > 0 ? decoded : { reason: 'no-quantity', detail: 'the codec found nothing' };
};
