import { describe, expect, it } from 'vitest';
import { LATE_COPY_MS, WINDOW_MS, WRONG_OF_ADDRESS, WRONG_OF_GATEWAY } from '../../../gateway/lorawan/phy/receive.ts';
import { abp, device, frame, sent } from './device.ts';
import { street } from './street.ts';

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
