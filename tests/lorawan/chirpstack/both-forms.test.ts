import common from '@chirpstack/chirpstack-api/common/common_pb.js';
import gw from '@chirpstack/chirpstack-api/gw/gw_pb.js';
import integration from '@chirpstack/chirpstack-api/integration/integration_pb.js';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { instant } from '../../../device-profiles/vocabulary/index.ts';
import { readChirpstack } from '../../../gateway/lorawan/chirpstack/read.ts';
import type { MessageKind } from '../../../gateway/lorawan/chirpstack/shapes.ts';
import type { Json } from '../../../gateway/lorawan/json.ts';
import { encoded } from './encode.ts';
import { jsonOf } from './vectors.ts';

const envelope = { connector: 'chirpstack-mqtt', at: instant(1_658_137_200_000) } as const;

/** Left out where it is the zero of its kind, as ChirpStack does, or not. */
const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const hex = (digits: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: digits / 2, maxLength: digits / 2 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const uint32 = fc.nat(0xffff_ffff);
const time = fc
  .tuple(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.nat(999_999_999),
  )
  .map(([date, nanos]) => `${date.toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}+00:00`);
/** A float of 32 bits as ChirpStack's JSON writes it: the fewest digits that are still that float. */
const float = fc
  .float({ noNaN: true, noDefaultInfinity: true, min: -1_000, max: 1_000 })
  .map((value) => Number(shortest(value)));
const shortest = (value: number): string => {
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
};
const location = fc.record({
  latitude: sometimes(fc.double({ min: -90, max: 90, noNaN: true })),
  longitude: sometimes(fc.double({ min: -180, max: 180, noNaN: true })),
  altitude: sometimes(fc.double({ min: -100, max: 9_000, noNaN: true })),
  accuracy: sometimes(float),
  source: sometimes(fc.constantFrom(...Object.keys(common.LocationSource))),
});
const device = fc.record({ deviceInfo: fc.record({ devEui: hex(16) }), time: sometimes(time) });
const modulation = fc.oneof(
  fc.record({
    lora: fc.record({
      bandwidth: fc.constantFrom(125_000, 250_000, 500_000, 812_500),
      spreadingFactor: fc.integer({ min: 5, max: 12 }),
      codeRate: sometimes(fc.constantFrom(...Object.keys(gw.CodeRate))),
    }),
  }),
  fc.record({ fsk: fc.record({ datarate: sometimes(uint32) }) }),
);
const extra: Readonly<Record<MessageKind, fc.Arbitrary<Json>>> = {
  up: fc.record({
    devAddr: hex(8),
    fCnt: sometimes(uint32),
    fPort: sometimes(fc.nat(255)),
    confirmed: sometimes(fc.boolean()),
    data: sometimes(fc.uint8Array({ maxLength: 260 }).map((bytes) => Buffer.from(bytes).toString('base64'))),
    rxInfo: fc.array(
      fc.record({
        gatewayId: sometimes(hex(16)),
        gwTime: sometimes(time),
        nsTime: sometimes(time),
        rssi: sometimes(fc.integer({ min: -140, max: 10 })),
        snr: sometimes(fc.oneof(float, fc.constant('NaN'))),
        location: sometimes(location),
      }),
      { maxLength: 4 },
    ),
    txInfo: fc.record({ frequency: sometimes(uint32), modulation: sometimes(modulation) }),
  }),
  join: fc.record({ devAddr: sometimes(hex(8)) }),
  status: fc.record({
    margin: sometimes(fc.integer({ min: -32, max: 31 })),
    externalPowerSource: sometimes(fc.boolean()),
    batteryLevelUnavailable: sometimes(fc.boolean()),
    batteryLevel: sometimes(float),
  }),
  log: fc.record({
    level: sometimes(fc.constantFrom(...Object.keys(integration.LogLevel))),
    code: sometimes(fc.constantFrom(...Object.keys(integration.LogCode))),
    description: sometimes(fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed())),
    context: sometimes(
      fc.dictionary(fc.constantFrom('queue_item_id', 'f_cnt', 'x'), fc.stringMatching(/^[0-9a-z-]{0,9}$/)),
    ),
  }),
  ack: fc.record({
    queueItemId: sometimes(hex(8)),
    acknowledged: sometimes(fc.boolean()),
    fCntDown: sometimes(uint32),
  }),
  txack: fc.record({ queueItemId: sometimes(hex(8)), fCntDown: sometimes(uint32), gatewayId: sometimes(hex(16)) }),
  location: fc.record({ location: sometimes(location) }),
  stats: fc.record({
    gatewayId: sometimes(hex(16)),
    location: sometimes(location),
    rxPacketsReceived: sometimes(uint32),
    rxPacketsReceivedOk: sometimes(uint32),
    txPacketsReceived: sometimes(uint32),
    txPacketsEmitted: sometimes(uint32),
  }),
  conn: fc.record({ gatewayId: sometimes(hex(16)), state: sometimes(fc.constantFrom('ONLINE', 'OFFLINE')) }),
};
const kinds: readonly MessageKind[] = ['up', 'join', 'status', 'log', 'ack', 'txack', 'location', 'stats', 'conn'];

it.each(kinds)('%s says the same in JSON and in Protocol Buffers', (kind) => {
  let ran = 0;
  let read = 0;
  const event =
    kind === 'stats' || kind === 'conn'
      ? extra[kind]
      : fc.tuple(device, extra[kind]).map(([one, more]) => ({ ...one, ...more }));
  fc.assert(
    fc.property(event, (generated) => {
      // As it goes over the wire: what is undefined is not there.
      const parsed: Json = JSON.parse(JSON.stringify(generated));
      const json = readChirpstack(kind, jsonOf(parsed), envelope);
      const bytes = encoded(kind, parsed);
      // A message with nothing in it has no bytes either.
      if (bytes.length === 0) return;
      ran += 1;
      if (json[0]?.kind !== 'refused') read += 1;
      expect(readChirpstack(kind, bytes, envelope)).toEqual(json);
    }),
    { numRuns: 500 },
  );
  expect(ran).toBeGreaterThan(250);
  expect(read).toBeGreaterThan(100);
});
