import type { Codec } from '../codec/sandbox.ts';
import type { Decoded, DecodeInput } from '../profile.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import { decodeKeys, type Mapping } from './mapping.ts';

/** The decode of a profile whose devices send bytes. `ports` empty: any. */
export const codecDecoder =
  (mapping: Mapping, codec: Codec, ports: readonly number[]) =>
  ({ payload, receivedAt, fPort }: DecodeInput): readonly Decoded[] | Unusable => {
    if (ports.length > 0 && (fPort === undefined || !ports.includes(fPort))) {
      return {
        reason: 'port-unknown',
        detail: `fPort ${fPort ?? 'missing'}; measurements come on ${ports.join(', ')}`,
      };
    }
    const rows = codec.decode({ bytes: payload, recvTime: receivedAt, ...(fPort === undefined ? {} : { fPort }) });
    if ('reason' in rows) return rows;
    const decoded: Decoded[] = [];
    for (const row of rows) {
      const one = decodeKeys(mapping, row);
      if ('reason' in one) return one;
      decoded.push(one);
    }
    return decoded.length > 0 ? decoded : { reason: 'no-quantity', detail: 'the codec found nothing' };
  };
