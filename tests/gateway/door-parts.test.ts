import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, type Clock } from '../../device-profiles/vocabulary/index.ts';
import { identityOf, identityPrefix } from '../../gateway/identity.ts';
import { deviceInTopic } from '../../gateway/mqtt/topic.ts';
import { openReceipt } from '../../gateway/receipt.ts';
import { hostKey, openAdmission } from '../../infra/broker/admission.ts';
import { openSlowdown } from '../../infra/broker/slowdown.ts';

const handClock = (start = 1_800_000_000_000): Clock & { turn(ms: number): void } => {
  let now = start;
  return { now: () => instant(now), turn: (ms) => void (now += ms) };
};

describe('times of receipt', () => {
  it('rise for each device, however often it speaks in a millisecond, and are never behind the clock', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ device: fc.constantFrom('a', 'b', 'c'), passes: fc.constantFrom(0, 0, 0, 1, 7) }), {
          maxLength: 200,
        }),
        (messages) => {
          const clock = handClock();
          const receipt = openReceipt(clock);
          const last = new Map<string, number>();
          for (const { device, passes } of messages) {
            clock.turn(passes);
            const at = receipt.at(device);
            expect(at).toBeGreaterThanOrEqual(clock.now());
            expect(at).toBeGreaterThan(last.get(device) ?? 0);
            last.set(device, at);
          }
        },
      ),
    );
  });

  it('go on rising when the clock is set back by minutes, and begin anew when it is set back by an hour', () => {
    const clock = handClock();
    const receipt = openReceipt(clock);
    const first = receipt.at('a');
    clock.turn(-60_000);
    expect(receipt.at('a')).toBe(first + 1);
    clock.turn(-3_600_000);
    expect(receipt.at('a')).toBe(clock.now());
  });

  it('go on after a restart from where a burst had run ahead of the clock', () => {
    const clock = handClock();
    const before = openReceipt(clock);
    let last = before.at('a');
    for (let n = 0; n < 5_000; n += 1) last = before.at('a');
    clock.turn(1_500);
    const after = openReceipt(clock, new Map([['a', last]]));
    expect(after.at('a')).toBe(last + 1);
    expect(after.at('b')).toBe(clock.now());
  });

  it('are right for more devices than are remembered', () => {
    const clock = handClock();
    const receipt = openReceipt(clock);
    for (let device = 0; device < 120_000; device += 1) {
      if (device % 1_000 === 0) clock.turn(1);
      expect(receipt.at(`device-${device}`)).toBe(clock.now());
    }
    expect(receipt.at('device-119999')).toBe(clock.now() + 1);
  });
});

describe("a message's identity", () => {
  const of = (device: string, number: number, payload: string): string =>
    identityOf(identityPrefix('mqtt', device), number, Buffer.from(payload));

  it('is the same for the same words, and another as soon as device, number or words differ', () => {
    const message = fc.record({
      device: fc.constantFrom('a', 'b', 'a-1'),
      number: fc.constantFrom(0, 1, 256, 65_535),
      payload: fc.constantFrom('', '0', '1', '-1'),
    });
    fc.assert(
      fc.property(message, message, (one, other) => {
        const same = one.device === other.device && one.number === other.number && one.payload === other.payload;
        expect(of(one.device, one.number, one.payload) === of(other.device, other.number, other.payload)).toBe(same);
      }),
    );
  });

  it('is 22 characters of base64url for payloads of any size', () => {
    for (const length of [0, 1, 1_000, 300_000, 1_000_000])
      expect(identityOf(identityPrefix('http', 'a'), 1, Buffer.alloc(length))).toMatch(/^[\w-]{22}$/);
  });
});

describe('the device in the topic of an external broker', () => {
  it.each([
    ['devices/+/up', 'devices/air-1/up', 'air-1'],
    ['zigbee2mqtt/+', 'zigbee2mqtt/0x00158d0001', '0x00158d0001'],
    ['sites/+/sensors/+/data', 'sites/s1/sensors/air-1/data', 's1'],
    ['+/#', 'air-1/up/now', 'air-1'],
    ['$share/kerbside/devices/+/up', 'devices/air-1/up', 'air-1'],
    ['devices/+/up', 'devices//up', undefined],
    ['devices/+/up', 'devices/a b/up', undefined],
    ['devices/+/up', `devices/${'x'.repeat(65)}/up`, undefined],
    ['devices/+/up', 'devices', undefined],
    ['devices/#', 'devices/air-1/up', undefined],
  ])('with %s, of %s, is %s', (filter, topic, device) => {
    expect(deviceInTopic(filter)(topic)).toBe(device);
  });
});

describe('an address', () => {
  it('is one host however it is written, and so is the network that one IPv6 host has to itself', () => {
    expect(hostKey('::ffff:192.0.2.7')).toBe(hostKey('192.0.2.7'));
    expect(hostKey('2001:db8:1:2::1')).toBe(hostKey('2001:db8:1:2:ffff::9'));
    expect(hostKey('2001:db8:1:3::1')).not.toBe(hostKey('2001:db8:1:2::1'));
    expect(hostKey('')).toBe('');
  });

  it('gives its places back', () => {
    const admission = openAdmission({ maxConnections: 2, maxPerAddress: 1 });
    const first = admission.enter('192.0.2.7');
    expect(admission.enter('::ffff:192.0.2.7')).toEqual({ refused: 'too-many-from-address' });
    expect(admission.enter('192.0.2.8')).toHaveProperty('leave');
    expect(admission.enter('192.0.2.9')).toEqual({ refused: 'too-many-connections' });
    expect(admission.open).toBe(2);
    if ('leave' in first) first.leave();
    expect(admission.enter('192.0.2.7')).toHaveProperty('leave');
  });

  it('that guesses waits ever longer, to a limit, and a quiet one is forgiven', () => {
    const clock = handClock();
    const slowdown = openSlowdown(clock);
    const waits = Array.from({ length: 12 }, () => slowdown.failed('192.0.2.7'));
    expect(waits).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
    expect(slowdown.failed('192.0.2.8')).toBe(0);
    clock.turn(11 * 60_000);
    expect(slowdown.failed('192.0.2.7')).toBe(0);
  });
});
