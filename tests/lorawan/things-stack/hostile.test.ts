import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../device-profiles/vocabulary/index.ts';
import { readThingsStack } from '../../../gateway/lorawan/things-stack/message.ts';
import { networkRefusals } from '../../../gateway/lorawan/message.ts';
import { networkEventKinds } from '../../../infra/radio/contract.ts';
import { bytesOf, event, readUplink, uplink } from './samples.ts';

const kinds = new Set<string>(['uplink', 'refused', 'gateway', ...networkEventKinds]);
const reasons = new Set<string>(networkRefusals);
/** Whatever comes, the answer is one of ours. */
const answers = (bytes: Uint8Array): number => {
  const messages = readThingsStack(bytes, { connector: 'tts-webhook', at: 0 as Instant });
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) {
    expect(kinds.has(message.kind)).toBe(true);
    if (message.kind === 'refused') expect(reasons.has(message.reason)).toBe(true);
  }
  return messages.length;
};

describe('whatever bytes come', () => {
  it('there is an answer: every message cut off at every byte', () => {
    const messages = [
      uplink({ confirmed: true }),
      event('join_accept', {}),
      event('downlink_failed', { downlink: {}, error: { name: 'x' } }),
      event('location_solved', { location: { latitude: 1 } }),
    ];
    let tried = 0;
    for (const message of messages) {
      const whole = bytesOf(message);
      for (let end = 0; end < whole.length; end += 1) {
        answers(whole.subarray(0, end));
        expect(readThingsStack(whole.subarray(0, end), { connector: 'tts-mqtt', at: 0 as Instant })).toMatchObject([
          { kind: 'refused' },
        ]);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(2_000);
  });

  const anyJson = fc.jsonValue({ maxDepth: 4 });
  const fields = [
    'session_key_id',
    'f_cnt',
    'f_port',
    'frm_payload',
    'rx_metadata',
    'settings',
    'received_at',
    'locations',
    'version_ids',
    'confirmed',
    'app_s_key',
  ];
  const around = [
    'end_device_ids',
    'received_at',
    'simulated',
    'uplink_message',
    'join_accept',
    'downlink_ack',
    'service_data',
  ];
  const rx = fc.record(
    { gateway_ids: anyJson, packet_broker: anyJson, time: anyJson, rssi: anyJson, snr: anyJson, location: anyJson },
    { requiredKeys: [] },
  );
  const whole = bytesOf(uplink());
  const flipped = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })).map(([where, change]) => {
    const bytes = Uint8Array.from(whole);
    bytes[where] = (bytes[where] ?? 0) ^ change;
    return bytes;
  });
  it.each<readonly [string, fc.Arbitrary<Uint8Array>]>([
    ['any bytes', fc.uint8Array({ maxLength: 300 })],
    ['any JSON', anyJson.map(bytesOf)],
    [
      'anything in the fields of an uplink',
      fc.dictionary(fc.constantFrom(...fields), anyJson).map((changes) => bytesOf(uplink(changes))),
    ],
    [
      'anything around it',
      fc.dictionary(fc.constantFrom(...around), anyJson).map((changes) => bytesOf(uplink({}, changes))),
    ],
    [
      'gateways that say anything',
      fc.array(rx, { maxLength: 4 }).map((rx_metadata) => bytesOf(uplink({ rx_metadata }))),
    ],
    ['one byte changed', flipped],
  ])('there is an answer: %s', (_what, inputs) => {
    let tried = 0;
    fc.assert(
      fc.property(inputs, (bytes) => {
        tried += 1;
        return answers(bytes) > 0;
      }),
      { numRuns: 3_000 },
    );
    expect(tried).toBe(3_000);
  });

  it('payload, counter and port come through whatever they are', () => {
    const frames = fc.record({
      payload: fc.uint8Array({ maxLength: 255 }),
      fCnt: fc.nat(0xffff_ffff),
      fPort: fc.nat(255),
      urlSafe: fc.boolean(),
    });
    fc.assert(
      fc.property(frames, ({ payload, fCnt, fPort, urlSafe }) => {
        // As the network writes it: what is 0 or empty is left out.
        const told = readUplink(
          uplink({
            f_cnt: fCnt || undefined,
            f_port: fPort || undefined,
            frm_payload: Buffer.from(payload).toString(urlSafe ? 'base64url' : 'base64') || undefined,
          }),
        );
        expect(Buffer.from(told.payload).equals(Buffer.from(payload))).toBe(true);
        expect(told.frame).toMatchObject({ fCnt, fPort });
      }),
      { numRuns: 1_000 },
    );
  });
});
