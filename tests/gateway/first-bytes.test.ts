import * as fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { readFirstPacket } from '../../infra/broker/first-packet.ts';
import { PacketMeter } from '../../infra/broker/packet-cap.ts';
import { connectPacket, publish } from './wire.ts';

const AT_MOST = 16_384;
const connect = fc
  .record({
    clientId: fc.string({ minLength: 1, maxLength: 64 }),
    username: fc.string({ minLength: 1, maxLength: 300 }),
    version: fc.constantFrom(3, 4, 5),
  })
  .map(({ clientId, username, version }) =>
    generate(
      version === 3
        ? connectPacket({ clientId, username, protocolId: 'MQIsdp', protocolVersion: 3 })
        : connectPacket({ clientId, username, protocolVersion: version === 4 ? 4 : 5 }),
    ),
  );

describe('the first packet', () => {
  it('is recognised when it is whole and not before, and what follows it changes nothing', () => {
    fc.assert(
      fc.property(connect, fc.uint8Array({ maxLength: 50 }), (packet, more) => {
        for (let length = 0; length < packet.length; length += 1)
          expect(readFirstPacket(packet.subarray(0, length), AT_MOST)).toEqual({ is: 'partial' });
        const whole = readFirstPacket(packet, AT_MOST);
        expect(whole.is).not.toBe('partial');
        expect(readFirstPacket(Buffer.concat([packet, more]), AT_MOST)).toEqual(whole);
      }),
    );
  });

  it('of a client that speaks MQTT 5 tells its name, whatever properties stand before it', () => {
    const named = fc.string({ minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(named, fc.string({ maxLength: 500 }), (clientId, words) => {
        const packet = generate(
          connectPacket({
            clientId,
            protocolVersion: 5,
            properties: { sessionExpiryInterval: 3_600, userProperties: { words } },
          }),
        );
        expect(readFirstPacket(packet, AT_MOST)).toEqual({
          is: 'refused',
          reason: 'protocol-unsupported',
          version: 5,
          clientId,
        });
      }),
    );
  });

  it('may be that of a bridge, whose version has its top bit set', () => {
    const packet = generate(connectPacket({ clientId: 'bridge' }));
    const versionAt = 8;
    expect(packet[versionAt]).toBe(4);
    packet[versionAt] = 0x84;
    expect(readFirstPacket(packet, AT_MOST)).toEqual({ is: 'connect' });
  });

  it('of any bytes is an answer and never an exception, and nothing is waited for beyond the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, asConnect) => {
        const packet = Buffer.concat([asConnect ? Buffer.of(0x10) : Buffer.alloc(0), bytes]);
        const first = readFirstPacket(packet, 100);
        expect(['connect', 'partial', 'refused']).toContain(first.is);
        expect(packet.length < 100 || first.is !== 'partial').toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

const packets = fc.array(
  fc.oneof(
    fc.nat(400).map((length): Packet => publish('devices/air-1/up', Buffer.alloc(length, 0xff))),
    fc.constant<Packet>({ cmd: 'pingreq' }),
    fc.constant<Packet>({ cmd: 'pubrel', messageId: 7 }),
  ),
  { minLength: 1, maxLength: 20 },
);

/** The bytes cut into pieces of these lengths, again and again. */
const cut = (bytes: Buffer, lengths: readonly number[]): readonly Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
};
const pieceLengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

describe('the meter', () => {
  it('lets packets pass however they are cut, when each is within the limit, and stops at the first that is not', () => {
    fc.assert(
      fc.property(packets, pieceLengths, fc.integer({ min: 2, max: 430 }), (some, lengths, atMost) => {
        const encoded = some.map((packet) => generate(packet));
        const meter = new PacketMeter(atMost);
        const passed = cut(Buffer.concat(encoded), lengths).every((piece) => meter.take(piece));
        expect(passed).toBe(encoded.every((packet) => packet.length <= atMost));
      }),
      { numRuns: 500 },
    );
  });

  it('stops at a length of five bytes, which MQTT does not know', () => {
    expect(new PacketMeter(2 ** 31).take(Buffer.of(0x30, 0x80, 0x80, 0x80, 0x80))).toBe(false);
    expect(new PacketMeter(2 ** 31).take(Buffer.of(0x30, 0x80, 0x80, 0x80, 0x01))).toBe(true);
  });
});
