import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../../device-profiles/vocabulary/index.ts';
import { isObject } from '../../../gateway/lorawan/json.ts';
import { networkRefusals, type NetworkMessage } from '../../../gateway/lorawan/message.ts';
import { readMessage } from '../../../gateway/lorawan/network-server/read.ts';
import { bodyOf, tell, type Told } from '../../../gateway/lorawan/network-server/vectors.ts';
import { ownWithVectors } from './folders.ts';

const all = await ownWithVectors();
const AT = instant(0);
const hex = (length: number): RegExp => new RegExp(`^[0-9a-f]{${length}}$`);

/** What must be true of whatever comes out, so that nobody behind it need look again. */
const isSound = (message: NetworkMessage): void => {
  switch (message.kind) {
    case 'uplink': {
      const { devEui, frame, payload, sentAt } = message;
      expect(devEui).toMatch(hex(16));
      expect(Number.isInteger(frame.fCnt) && frame.fCnt >= 0 && frame.fCnt < 2 ** 32).toBe(true);
      expect(Number.isInteger(frame.fPort) && frame.fPort >= 0 && frame.fPort < 256).toBe(true);
      expect(frame.session.length).toBeLessThanOrEqual(64);
      expect(payload.length).toBeLessThanOrEqual(255);
      expect(sentAt === undefined || Number.isInteger(sentAt)).toBe(true);
      expect(frame.dataRate ?? 'SF7BW125').toMatch(/^(SF\d{1,2}BW\d{1,4}(\.\d+)?|FSK\d+)$/);
      expect(frame.codingRate ?? '4/5').toMatch(/^4\/[5-8]$/);
      expect(frame.frequency ?? 868_100_000).toBeGreaterThan(1e8);
      const gateways = frame.receptions.map(({ gateway }) => gateway);
      expect(new Set(gateways).size).toBe(gateways.length);
      for (const { gateway, rssi = -1, snr = 0 } of frame.receptions) {
        expect(gateway).toMatch(/^[^\p{C}]{1,64}$/u);
        expect(Number.isFinite(rssi) && rssi < 0 && Number.isFinite(snr)).toBe(true);
      }
      return;
    }
    case 'refused':
      expect(networkRefusals).toContain(message.reason);
      return;
    case 'gateway':
      expect(Math.abs(message.position?.latitude ?? 0)).toBeLessThanOrEqual(90);
      expect(Math.abs(message.position?.longitude ?? 0)).toBeLessThanOrEqual(180);
      return;
    case 'stats':
    case 'connection':
    case 'frame':
      throw new Error(`no definition says ${message.kind}`);
    case 'join':
    case 'status':
    case 'log':
    case 'ack':
    case 'txack':
    case 'location':
    case 'downlink':
    case 'described':
      expect(message.devEui).toMatch(hex(16));
      expect(message.text).toMatch(/^[^\p{C}]{1,300}$/u);
  }
};

/** Every place of a message: the way to it, key by key. */
const placesIn = (value: unknown): readonly (readonly (string | number)[])[] => {
  const children: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((child: unknown, index) => [index, child] as const)
    : isObject(value)
      ? Object.entries(value)
      : [];
  return [[], ...children.flatMap(([key, child]) => placesIn(child).map((rest) => [key, ...rest]))];
};

/** The message with something else at one place. */
const put = (value: unknown, [key, ...rest]: readonly (string | number)[], other: unknown): unknown => {
  if (key === undefined) return other;
  if (Array.isArray(value))
    return value.map((child: unknown, index) => (index === key ? put(child, rest, other) : child));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, name === key ? put(child, rest, other) : child]),
  );
};

const messages = all.flatMap(({ integration, vectors }) =>
  vectors.flatMap(({ message }) => (isObject(message) ? [{ integration, message, places: placesIn(message) }] : [])),
);

/** What stands where something else should. */
const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    -0,
    -1,
    1.5,
    2 ** 32,
    2 ** 53,
    1e308,
    '1e309',
    'NaN',
    '0x10',
    '--',
    '=',
    'A',
    '𝟙',
    '\u202e',
    '\u0000',
    true,
    [],
    {},
    [[]],
    '1'.repeat(5_000),
  ),
  fc.constantFrom<unknown>(
    { __proto__: null },
    JSON.parse('{"__proto__":{"x":1}}'),
    Array.from({ length: 500 }, () => ({ gatewayID: '0303030303030303' })),
  ),
);

describe('whatever an operator sends', () => {
  test('is read or refused when one thing in a good message is another', () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.nat(), strange, ({ integration, message, places }, which, other) => {
        const changed = put(message, places[which % places.length] ?? [], other);
        if (!isObject(changed)) return;
        const said = readMessage(integration, changed, { at: AT });
        expect(said.length).toBeGreaterThan(0);
        said.forEach(isSound);
        if (said.some(({ kind }) => kind === 'refused')) refused += 1;
        else taken += 1;
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(1_000);
  });

  test('is read or refused when it is any JSON at all', () => {
    let said = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })),
        ({ integration }, message) => {
          for (const one of readMessage(integration, message, { at: AT })) {
            isSound(one);
            said += 1;
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(said).toBeGreaterThanOrEqual(3_000);
  });

  test('is refused when it is bytes, or a good message with some bytes mistaken', () => {
    const bodies = all.flatMap(({ integration, vectors }) =>
      vectors.flatMap((vector) => {
        const body = bodyOf(vector);
        return typeof body === 'string' ? [] : [{ integration, body }];
      }),
    );
    let [refused, read] = [0, 0];
    const count = (told: Told): void => void (told.refused === undefined ? (read += 1) : (refused += 1));
    fc.assert(
      fc.property(
        fc.constantFrom(...bodies),
        fc.uint8Array({ maxLength: 120 }),
        fc.nat(),
        ({ integration, body }, bytes, where) => {
          count(tell(integration, bytes));
          const mistaken = Buffer.from(body);
          mistaken.set(bytes.subarray(0, 3).subarray(0, mistaken.length), where % Math.max(1, mistaken.length - 3));
          count(tell(integration, mistaken));
        },
      ),
      { numRuns: 5_000 },
    );
    expect(refused).toBeGreaterThan(7_000);
    expect(read).toBeGreaterThan(10);
  });

  test('cannot reach what the language knows of, by a key that is called so', () => {
    let asked = 0;
    for (const { integration, message } of messages) {
      const body = Buffer.from(
        JSON.stringify(message).replace(
          '{',
          '{"__proto__":{"devEUI":"0909090909090909"},"constructor":1,"toString":2,',
        ),
      );
      const plain = Buffer.from(JSON.stringify(message));
      expect(tell(integration, body)).toEqual(tell(integration, plain));
      asked += 1;
    }
    expect(asked).toBeGreaterThan(40);
    expect({}).not.toHaveProperty('devEUI');
  });

  test('is refused when it names more gateways than there can be', () => {
    const [chirpstack] = all;
    const many = {
      devEUI: '0202020202020202',
      fCnt: 1,
      fPort: 1,
      data: 'AQ==',
      rxInfo: Array.from({ length: 201 }, (_, index) => ({ gatewayID: index.toString(16).padStart(16, '0') })),
    };
    expect(chirpstack === undefined ? [] : readMessage(chirpstack.integration, many, { at: AT })).toMatchObject([
      { kind: 'refused', reason: 'wrong-shape' },
    ]);
  });
});
