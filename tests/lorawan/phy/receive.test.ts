import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../device-profiles/vocabulary/index.ts';
import { LATE_COPY_MS, openReceiver, WINDOW_MS, type Copy } from '../../../gateway/lorawan/phy/receive.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { abp, device, frame, sent } from './device.ts';
import { AT, copyOf, street, word } from './street.ts';

describe('copies of one frame', () => {
  it('are one uplink with every gateway, the best first, and the frequency and data rate of the best', () => {
    const { hear, after } = street([device]);
    expect([
      hear(frame(1), { gateway: 'a', snr: -3, rssi: -90, frequency: 868_300_000, time: AT }),
      hear(frame(1), { gateway: 'b', snr: 7, rssi: -100, dataRate: 'SF9BW125' }),
      hear(frame(1), { gateway: 'c', snr: 7, rssi: -95, dataRate: 'SF8BW125' }),
      // A gateway that hears its neighbour too loudly tells of a ghost on another channel as well.
      hear(frame(1), { gateway: 'c', snr: -16, rssi: -115, frequency: 864_300_000 }),
    ]).toEqual(['held', 'duplicate', 'duplicate', 'duplicate']);
    expect(after(WINDOW_MS - 1)).toEqual([]);
    const [heard, ...more] = after(1);
    expect(more).toEqual([]);
    expect(heard?.uplink).toEqual({
      kind: 'uplink',
      devEui: device.devEui,
      payload: Buffer.from('reading 1'),
      sentAt: AT,
      frame: {
        fPort: 2,
        fCnt: 1,
        session: device.devAddr,
        confirmed: false,
        frequency: 868_100_000,
        dataRate: 'SF8BW125',
        codingRate: '4/5',
        receptions: [
          { gateway: 'c', rssi: -95, snr: 7 },
          { gateway: 'b', rssi: -100, snr: 7 },
          { gateway: 'a', rssi: -90, snr: -3, time: AT },
        ],
      },
    });
  });

  it('are late for a minute, and a replay afterwards', () => {
    const { hear, after } = street([device]);
    hear(frame(1));
    expect(after(WINDOW_MS)).toHaveLength(1);
    after(LATE_COPY_MS - 1);
    expect(hear(frame(1))).toBe('duplicate');
    after(1);
    expect(hear(frame(1))).toBe('counter-replayed');
    expect(after(WINDOW_MS)).toEqual([]);
  });

  it('that are bad hide none that is good, whichever comes first', () => {
    const good = frame(1);
    const altered = Buffer.from(good);
    altered[9] = (altered[9] ?? 0) ^ 1;
    const spoofed = sent(
      { ...device, nwkSKey: new Uint8Array(16) },
      { fCnt: 1, fPort: 2, payload: Buffer.from('reading 1') },
    );
    const bad: readonly [Uint8Array, Partial<Copy>, string][] = [
      [good, { checksum: 'bad' }, 'checksum-bad'],
      [altered, {}, 'mic-wrong'],
      [spoofed, {}, 'mic-wrong'],
      [good, { frequency: 915_000_000 }, 'frequency-wrong'],
      [good.subarray(0, 9), {}, 'not-lorawan'],
      [good.subarray(0, -1), {}, 'mic-wrong'],
    ];
    for (const [phy, more, reason] of bad) {
      const before = street([device]);
      expect(before.hear(phy, more)).toBe(reason);
      expect(before.hear(good, { gateway: 'b' })).toBe('held');
      expect(before.hear(phy, more)).toBe(reason);
      expect(
        before.after(WINDOW_MS).map(({ uplink }) => uplink.frame.receptions.map(({ gateway }) => gateway)),
      ).toEqual([['b']]);
    }
    expect(bad).toHaveLength(6);
  });
});

describe('whose a frame is', () => {
  it('the MIC says where several devices have one address', () => {
    const shared = [3, 4, 5].map((n) => abp(n, { devAddr: '01020304' }));
    const { hear, after } = street(shared);
    for (const session of shared) expect(hear(frame(9, session))).toBe('held');
    expect(after(WINDOW_MS).map(({ uplink }) => [uplink.devEui, Buffer.from(uplink.payload).toString()])).toEqual(
      shared.map(({ devEui }) => [devEui, 'reading 9']),
    );
  });

  it('nobody asks for a join, a neighbour and what goes down: they are foreign', () => {
    const { hear, after } = street([device]);
    const join = Buffer.from('00101112131415161718010203040506078aaacbeb32a2aa'.slice(0, 46), 'hex');
    const down = frame(1);
    down[0] = 0x60;
    expect([hear(join), hear(frame(1, abp(8))), hear(down)]).toEqual(['foreign', 'foreign', 'foreign']);
    expect(after(WINDOW_MS)).toEqual([]);
  });

  it('follows the keys when they change, and begins the counter anew with new ones', () => {
    let sessions: readonly AbpSession[] = [device];
    const receiver = openReceiver({ sessions: () => sessions, lastFrame: () => undefined });
    expect(word(receiver.take(copyOf(frame(900)), 0))).toBe('held');
    const keyed = { ...device, nwkSKey: new Uint8Array(16).fill(99) };
    sessions = [keyed];
    expect(word(receiver.take(copyOf(frame(901)), 0))).toBe('mic-wrong');
    expect(word(receiver.take(copyOf(frame(0, keyed)), 0))).toBe('held');
    sessions = [];
    expect(word(receiver.take(copyOf(frame(1, keyed)), 0))).toBe('foreign');
  });
});

describe('what a frame says', () => {
  it('on port 0, and without a port, is for the network alone', () => {
    const { hear, after } = street([device]);
    hear(sent(device, { fCnt: 1, fPort: 0, payload: Uint8Array.of(2) }));
    hear(sent(device, { fCnt: 2, fOpts: Uint8Array.of(2) }));
    expect(after(WINDOW_MS).map(({ uplink: { frame, payload } }) => [frame.fPort, frame.fCnt, payload.length])).toEqual(
      [
        [0, 1, 0],
        [0, 2, 0],
      ],
    );
  });

  it('is dated by a gateway whose clock is near to ours', () => {
    const { hear, after } = street([device]);
    hear(frame(1), { gateway: 'a', snr: 9, time: instant(AT - 30_001) });
    hear(frame(1), { gateway: 'b', snr: 1, time: instant(AT - 30_000) });
    hear(frame(2), { time: instant(0) });
    const [dated, undated] = after(WINDOW_MS);
    expect(dated?.uplink.sentAt).toBe(AT - 30_000);
    expect(dated?.uplink.frame.receptions.map(({ time }) => time)).toEqual([undefined, AT - 30_000]);
    expect(undated?.uplink.sentAt).toBeUndefined();
  });
});

it('each good frame comes out once, with what every gateway heard in its window, whatever else is heard and in whichever order', () => {
  const sessions = [abp(1), abp(2), abp(3, { devAddr: abp(2).devAddr })];
  const outcomes = new Map<string, number>();
  const refusals = ['checksum-bad', 'frequency-wrong', 'mic-wrong', 'foreign'];
  const event = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('copy'),
        who: fc.nat(2),
        fCnt: fc.nat(20),
        gateway: fc.constantFrom('a', 'b', 'c'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('crc', 'flip', 'band', 'cut', 'spoof'),
        who: fc.nat(2),
        fCnt: fc.nat(20),
        gateway: fc.constantFrom('a', 'b'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('neighbour'),
        who: fc.nat(2),
        fCnt: fc.nat(20),
        gateway: fc.constant('a'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('pass'),
        who: fc.constantFrom(10, 199, 200, 70_000),
        fCnt: fc.constant(0),
        gateway: fc.constant(''),
      }),
    },
  );
  fc.assert(
    fc.property(fc.nat(100_000), fc.array(event, { maxLength: 80, size: 'max' }), (from, events) => {
      const { hear, after } = street(sessions);
      const good = new Set<string>();
      const out: string[] = [];
      let counted = 0;
      const collect = (ms: number): void => {
        for (const { uplink } of after(ms)) {
          out.push(`${uplink.devEui} ${uplink.frame.fCnt}`);
          expect(Buffer.from(uplink.payload).toString()).toBe(`reading ${uplink.frame.fCnt}`);
        }
      };
      for (const { kind, who, fCnt: step, gateway } of events) {
        if (kind === 'pass') {
          collect(who);
          continue;
        }
        const session = sessions[who] ?? device;
        const fCnt = from + step;
        const phy = frame(
          fCnt,
          kind === 'neighbour'
            ? abp(7)
            : kind === 'spoof'
              ? { ...session, nwkSKey: new Uint8Array(16).fill(250) }
              : session,
        );
        if (kind === 'flip') phy[10] = (phy[10] ?? 0) ^ 4;
        const outcome = hear(kind === 'cut' ? phy.subarray(0, 14) : phy, {
          gateway,
          ...(kind === 'crc' ? { checksum: 'bad' } : {}),
          ...(kind === 'band' ? { frequency: 433_175_000 } : {}),
        });
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        counted += 1;
        const name = `${session.devEui} ${fCnt}`;
        const fit = kind !== 'copy' ? refusals : good.has(name) ? ['duplicate', 'counter-replayed'] : ['held'];
        expect(fit).toContain(outcome);
        if (kind === 'copy') good.add(name);
      }
      collect(WINDOW_MS);
      expect(out.toSorted()).toEqual([...good].toSorted());
      expect(counted).toBe(events.filter(({ kind }) => kind !== 'pass').length);
    }),
    { numRuns: 300 },
  );
  expect([...outcomes.keys()].toSorted()).toEqual(
    ['checksum-bad', 'counter-replayed', 'duplicate', 'foreign', 'frequency-wrong', 'held', 'mic-wrong'].toSorted(),
  );
});
