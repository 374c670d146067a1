import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, parseIso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { heardAt } from '../../gateway/lorawan/heard-at.ts';

const on18July = (clock: string): Instant => parseIso(`2022-07-18T${clock}Z`) ?? instant(0);
const at = on18July('10:00:00');

describe('the time of a frame', () => {
  it.each<[string, readonly (string | undefined)[], string, readonly boolean[]]>([
    ['is what ChirpStack says where no gateway has a clock', [undefined], '09:00:00', [false]],
    ['is the earliest of the gateways that are right', ['08:59:59.8', '08:59:59.9'], '08:59:59.8', [true, true]],
    ['is not later than ChirpStack had it, though a clock is fast', ['09:00:20'], '09:00:00', [true]],
    ['is not that of a clock far ahead', ['09:01:00'], '09:00:00', [false]],
    ['is the gateway’s for a backlog of hours', ['04:00:00'], '04:00:00', [true]],
    [
      'is not an old one where another gateway says that it is fresh',
      ['04:00:00', '08:59:59'],
      '08:59:59',
      [false, true],
    ],
    ['is not an old one where two that are behind disagree', ['04:00:00', '05:00:00'], '09:00:00', [false, false]],
    ['is the earlier of two that kept it through the same outage', ['04:00:00', '04:00:01'], '04:00:00', [true, true]],
  ])('%s', (_title, gateways, sentAt, believed) => {
    const server = on18July('09:00:00');
    const clocks = gateways.map((clock) => ({
      gateway: clock === undefined ? undefined : on18July(clock),
      server,
    }));
    const heard = heardAt(clocks, { time: server, at });
    expect(heard.sentAt).toBe(on18July(sentAt));
    expect(heard.believed.map((time) => time !== undefined)).toEqual(believed);
  });

  it('is none of a clock that was never set, nor of a GPS receiver that lost 1,024 weeks', () => {
    const server = on18July('09:00:00');
    for (const wrong of [instant(0), instant(server - 1_024 * 7 * 86_400_000), instant(server - 8 * 86_400_000)]) {
      expect(heardAt([{ gateway: wrong, server }], { time: wrong, at }).sentAt).toBe(server);
      expect(heardAt([{ gateway: wrong, server: undefined }], { time: undefined, at }).sentAt).toBeUndefined();
    }
  });

  it('is not later when a frame comes to us late, as from a broker that kept it', () => {
    const days = instant(at + 5 * 86_400_000);
    const clocks = [{ gateway: on18July('08:59:59'), server: on18July('09:00:00') }];
    expect(heardAt(clocks, { time: on18July('09:00:00'), at: days }).sentAt).toBe(on18July('08:59:59'));
  });

  it('is never after all that the servers say, and always one of the times that were given', () => {
    let ran = 0;
    const clock = fc.option(
      fc.integer({ min: at - 20 * 86_400_000, max: at + 86_400_000 }).map((ms) => instant(ms)),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.array(fc.record({ gateway: clock, server: clock }), { maxLength: 5 }), clock, (clocks, time) => {
        ran += 1;
        const { sentAt, believed } = heardAt(clocks, { time, at });
        expect(believed).toHaveLength(clocks.length);
        for (const [index, each] of believed.entries()) expect([undefined, clocks[index]?.gateway]).toContain(each);
        const given = [time, ...clocks.flatMap(({ gateway, server }) => [gateway, server])];
        expect([undefined, ...given]).toContain(sentAt);
        const servers = clocks.flatMap(({ server }) => (server === undefined ? [] : [server]));
        // With no server there is no bound: the least of nothing is Infinity.
        expect(sentAt ?? 0).toBeLessThanOrEqual(Math.min(...servers) + 30_000);
      }),
      { numRuns: 2_000 },
    );
    expect(ran).toBe(2_000);
  });
});
