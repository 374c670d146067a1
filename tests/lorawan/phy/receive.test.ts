import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../device-profiles/vocabulary/index.ts';
import {
  LATE_COPY_MS,
  openReceiver,
  WINDOW_MS,
  WRONG_OF_ADDRESS,
  WRONG_OF_GATEWAY,
  type Copy,
  type CopyOutcome,
} from '../../../gateway/lorawan/phy/receive.ts';
import type { LastFrame } from '../../../gateway/lorawan/phy/session.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { abp, sent } from './device.ts';

const AT = instant(1_800_000_000_000);
const copyOf = (phy: Uint8Array, more: Partial<Copy> = {}): Copy => ({
  gateway: 'aa555a0000000101',
  at: AT,
  phy,
  checksum: 'ok',
  frequency: 868_100_000,
  dataRate: 'SF7BW125',
  codingRate: '4/5',
  rssi: -80,
  snr: 5,
  ...more,
});
const word = (outcome: CopyOutcome): string => (outcome.kind === 'refused' ? outcome.reason : outcome.kind);

/** A receiver with a clock that the test turns. */
const street = (
  sessions: readonly AbpSession[],
  last: ReadonlyMap<string, LastFrame> = new Map(),
  mayBeginAnew = false,
) => {
  const receiver = openReceiver(
    { sessions: () => sessions, lastFrame: (device) => last.get(device) },
    () => mayBeginAnew,
  );
  let now = 0;
  return {
    receiver,
    hear: (phy: Uint8Array, more: Partial<Copy> = {}) => word(receiver.take(copyOf(phy, more), now)),
    /** Lets time pass and answers what came of it. */
    after: (ms: number) => {
      now += ms;
      return receiver.release(now);
    },
  };
};
const device = abp(1);
const frame = (fCnt: number, session = device): Buffer =>
  sent(session, { fCnt, fPort: 2, payload: Buffer.from(`reading ${fCnt}`) });

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

describe('many frames with a wrong signature', () => {
  const wrong = (n: number, session = device): Buffer =>
    sent(
      { ...session, nwkSKey: new Uint8Array(16).fill(0xee) },
      { fCnt: n, fPort: 2, payload: Buffer.from(`wrong ${n}`) },
    );

  it('keep no frame back whose likeliest counter is right, and others of that address for a second at most', () => {
    const other = abp(2);
    const { hear, after } = street([device, other]);
    expect([hear(frame(5)), hear(frame(5, other))]).toEqual(['held', 'held']);
    const outcomes = Array.from({ length: 200 }, (_, n) => hear(wrong(n)));
    expect(new Set(outcomes)).toEqual(new Set(['mic-wrong']));
    // One ahead, one late, one far ahead; another device's is not concerned.
    expect([hear(frame(6)), hear(frame(4)), hear(frame(60_000))]).toEqual(['held', 'held', 'held']);
    expect([hear(frame(140_000)), hear(frame(140_000, other))]).toEqual(['mic-wrong', 'held']);
    after(1_000);
    expect(hear(frame(140_000))).toBe('held');
  });

  it('are tried against every counter so often a second, of one address and of one gateway', () => {
    for (const [most, addresses, gatewayOf] of [
      [WRONG_OF_ADDRESS, 1, (n: number) => `gw-${n}`],
      [WRONG_OF_GATEWAY, 100, () => 'gw-1'],
    ] as const) {
      const sessions = Array.from({ length: addresses }, (_, n) => abp(n));
      const { hear } = street(sessions);
      for (let n = 0; n < most - 1; n += 1) hear(wrong(n, sessions[n % addresses]), { gateway: gatewayOf(n) });
      const jump = sessions[0] ?? device;
      expect(hear(frame(70_000, jump), { gateway: gatewayOf(0) })).toBe('held');
      hear(wrong(9_999, sessions[(most - 1) % addresses]), { gateway: gatewayOf(0) });
      expect(hear(frame(300_000, jump), { gateway: gatewayOf(0) })).toBe('mic-wrong');
      // By another gateway it is taken where only the gateway has used up its own.
      expect(hear(frame(300_000, jump), { gateway: 'another' })).toBe(addresses === 1 ? 'mic-wrong' : 'held');
    }
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

describe('the counter', () => {
  it('rolls over, jumps ahead by any number that the MIC proves, and comes back from a restart', () => {
    const { hear, after } = street([device], new Map([[device.device, { session: device.devAddr, fCnt: 65_534 }]]));
    expect([65_534, 65_535, 65_536, 65_537, 400_000, 400_001].map((fCnt) => hear(frame(fCnt)))).toEqual([
      'counter-replayed',
      'held',
      'held',
      'held',
      'held',
      'held',
    ]);
    expect(after(WINDOW_MS).map(({ uplink }) => uplink.frame.fCnt)).toEqual([65_535, 65_536, 65_537, 400_000, 400_001]);
  });

  it('of another session says nothing about this one', () => {
    const { hear } = street([device], new Map([[device.device, { session: 'deadbeef', fCnt: 65_534 }]]));
    expect(hear(frame(0))).toBe('held');
  });

  it('that begins anew is refused unless the device may do that', () => {
    const { hear } = street([device]);
    expect([hear(frame(500)), hear(frame(0)), hear(frame(63)), hear(frame(64)), hear(frame(400))]).toEqual([
      'held',
      'counter-anew',
      'counter-anew',
      'counter-replayed',
      'counter-replayed',
    ]);
    expect([hear(frame(499)), hear(frame(501))]).toEqual(['held', 'held']);
  });

  it('that may begin anew does so with frames of a new life, never with those of an earlier one', () => {
    const { hear, after } = street([device], new Map(), true);
    const life = (n: number, fCnt: number): Buffer =>
      sent(device, { fCnt, fPort: 2, payload: Buffer.from(`life ${n}, ${fCnt}`) });
    const heard = [life(1, 0), life(1, 1), life(1, 500), life(2, 0), life(2, 1)].map((phy) => hear(phy));
    expect(heard).toEqual(['held', 'held', 'held', 'held', 'held']);
    after(WINDOW_MS);
    after(LATE_COPY_MS);
    expect([life(1, 0), life(1, 1), life(2, 0), life(2, 1)].map((phy) => hear(phy))).toEqual(
      Array(4).fill('counter-replayed'),
    );
    expect([hear(life(2, 2)), hear(life(3, 2)), hear(life(3, 3))]).toEqual(['held', 'held', 'held']);
  });

  it('of a frame that could not be kept is free for a copy of it', () => {
    const { hear, after } = street([device]);
    hear(frame(5));
    after(WINDOW_MS)[0]?.forget();
    expect(hear(frame(5))).toBe('held');
    expect(after(WINDOW_MS)).toHaveLength(1);
    expect(hear(frame(5))).toBe('duplicate');
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
