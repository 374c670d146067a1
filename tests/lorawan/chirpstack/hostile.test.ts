import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../device-profiles/vocabulary/index.ts';
import { readChirpstack } from '../../../gateway/lorawan/chirpstack/read.ts';
import { messageKinds } from '../../../gateway/lorawan/chirpstack/shapes.ts';
import { networkRefusals, type NetworkMessage } from '../../../gateway/lorawan/message.ts';
import { encoded } from './encode.ts';
import { jsonOf, shown, vectors } from './vectors.ts';

const kinds = [...messageKinds];
const envelope = { connector: 'chirpstack-mqtt', at: instant(1_658_137_200_000) } as const;
const words: ReadonlySet<string> = new Set(networkRefusals);

/** Whatever is read, it is in the shape that the inside of the house relies on. */
const sound = (messages: readonly NetworkMessage[]): void => {
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) {
    if (message.kind === 'refused') {
      expect(words).toContain(message.reason);
      expect(message.detail.length).toBeLessThan(400);
    } else if (message.kind === 'uplink') {
      const { frame, devEui, payload, sentAt } = message;
      expect(devEui).toMatch(/^[0-9a-f]{16}$/);
      expect(frame.session).toMatch(/^[0-9a-f]{8}$/);
      for (const whole of [frame.fPort, frame.fCnt, sentAt ?? 0, ...frame.receptions.map(({ rssi = 0 }) => rssi)])
        expect(Number.isSafeInteger(whole)).toBe(true);
      for (const { snr = 0 } of frame.receptions) expect(Number.isFinite(snr)).toBe(true);
      expect(payload.length).toBeLessThanOrEqual(255);
    } else expect(Number.isSafeInteger(message.at)).toBe(true);
  }
};

describe('whatever comes instead of an event', () => {
  it('cut off at any byte, JSON is refused', () => {
    let cut = 0;
    for (const { kind, event } of vectors) {
      const whole = jsonOf(event);
      for (let length = 0; length < whole.length; length += 1) {
        const messages = readChirpstack(kind, whole.subarray(0, length), envelope);
        expect(messages).toMatchObject([{ kind: 'refused', reason: length === 0 ? 'not-protobuf' : 'not-json' }]);
        cut += 1;
      }
    }
    expect(cut).toBeGreaterThan(10_000);
  });

  it('cut off at any byte, an uplink in Protocol Buffers is refused, or says just what the whole says', () => {
    let cut = 0;
    let same = 0;
    for (const { kind, event, envelope: own, messages: meant } of vectors) {
      const whole = encoded(kind, event);
      for (let length = 0; length < whole.length; length += 1) {
        const messages = readChirpstack(kind, whole.subarray(0, length), own);
        sound(messages);
        cut += 1;
        if (kind !== 'up' || messages[0]?.kind === 'refused') continue;
        same += 1;
        expect(shown(messages)).toEqual(meant);
      }
    }
    expect(cut).toBeGreaterThan(5_000);
    expect(same).toBeGreaterThan(0);
  });

  it('any bytes as any kind are refused, or are sound', () => {
    let ran = 0;
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
        ran += 1;
        sound(readChirpstack(kind, bytes, envelope));
      }),
      { numRuns: 5_000 },
    );
    expect(ran).toBe(5_000);
  });

  it('an event of one kind as another, and with bytes changed, is refused or sound', () => {
    let ran = 0;
    const form = fc
      .constantFrom(...vectors)
      .chain(({ kind, event }) => fc.constantFrom(jsonOf(event), encoded(kind, event)));
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...kinds), form, changes, (kind, whole, changed) => {
        ran += 1;
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changed) bytes[at % bytes.length] = value;
        sound(readChirpstack(kind, bytes, envelope));
      }),
      { numRuns: 5_000 },
    );
    expect(ran).toBe(5_000);
  });

  it('any JSON object is refused, or is sound', () => {
    const names = fc.constantFrom(
      'deviceInfo',
      'devEui',
      'devAddr',
      'data',
      'fCnt',
      'fPort',
      'rxInfo',
      'txInfo',
      'time',
      'location',
      'gatewayId',
      'state',
      'modulation',
      'lora',
      'snr',
      'gwTime',
      'context',
      '__proto__',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('0101010101010101', '00189440', 'qg==', '2022-07-18T09:34:15.775023242+00:00', 'NaN', ''),
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 6 }),
      ),
    }));
    let ran = 0;
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.dictionary(names, value), (kind, object) => {
        ran += 1;
        sound(readChirpstack(kind, Buffer.from(JSON.stringify(object)), envelope));
      }),
      { numRuns: 5_000 },
    );
    expect(ran).toBe(5_000);
  });

  it.each([
    ['a word of 4 GB', '22ffffffff0f'],
    ['a word of 4 GB inside of deviceInfo', '1a0642ffffffff0f'],
    ['a word that says that it is a number', '080120ffffffff0f'],
    ['a message of 2^63 bytes', '1affffffffffffffff7f'],
    ['a number of more than ten bytes', '38ffffffffffffffffffff01'],
    ['a group', '1b1c'],
    ['a field with the number 0', '0000'],
    ['a word that is not UTF-8', '2201ff6a00'],
  ])('%s is refused', (_what, hex) => {
    const [message] = readChirpstack('up', Buffer.from(hex, 'hex'), envelope);
    expect(message).toMatchObject({ kind: 'refused', reason: 'not-protobuf' });
  });
});
