import { describe, expect, it } from 'vitest';
import { deviceId, devEui, instant, uplinkId, type Uplink } from '../../../device-profiles/vocabulary/index.ts';
import { openCounters } from '../../../gateway/lorawan/phy/counters.ts';
import type { Entry } from '../../../infra/journal/contract.ts';
import { openLog } from '../../../infra/logging/index.ts';
import { onGround } from '../../registry/ground.ts';

const id = deviceId('abp-1');
const eui = devEui('70b3d57ed0000001');
const session = '26011bda';

const heard = (seq: number, fCnt: number, connector: Uplink['connector'] = 'semtech-udp'): Entry => ({
  seq,
  uplink: {
    id: uplinkId(String(seq).padStart(22, 'u')),
    redelivered: true,
    connector,
    device: { by: 'devEui', value: eui },
    receivedAt: instant(Date.UTC(2026, 9, 1) + seq),
    payload: Uint8Array.of(1),
    lorawan: { fPort: 1, fCnt, session, receptions: [] },
  },
});
/** A journal of which only the newest is read again. */
const journalOf = (entries: readonly Entry[]) => ({
  stats: () => ({ entries: entries.length, last: entries.length, bytes: 0, backlog: 0, accepting: true }),
  read: async function* ({ after = 0 }: { readonly after?: number }) {
    for (const entry of entries) if (entry.seq > after) yield entry;
  },
});

describe('frame counters over a restart', () => {
  const opened = (
    entries: readonly Entry[],
    kept: number | undefined,
    test: (counters: Awaited<ReturnType<typeof openCounters>>) => Promise<void>,
  ) =>
    onGround(async ({ registry, clock }) => {
      await registry.addDevice({ id, profile: 'known/air', devEui: eui });
      if (kept !== undefined)
        await registry.keepAbpCounters([
          { device: id, devAddr: session, fCnt: kept, at: instant(Date.UTC(2026, 9, 1)) },
        ]);
      const counters = await openCounters({ registry, journal: journalOf(entries), clock, log: openLog('silent') });
      await test(counters);
      await counters.close();
    });

  it.each([
    ['what was kept, where nothing came since', [], 70, 70],
    ['what came after it was kept', [heard(1, 71), heard(2, 72)], 70, 72],
    ['the highest, though a late frame came after it', [heard(1, 72), heard(2, 71)], 70, 72],
    ['where it began anew', [heard(1, 70_000), heard(2, 3), heard(3, 500)], 70_000, 500],
    [
      'not what a network server says',
      [heard(1, 71), heard(2, 4_294_967_290, 'chirpstack-http'), heard(3, 1, 'tts-mqtt')],
      70,
      71,
    ],
  ] as const)('are %s', async (_, entries, kept, expected) => {
    await opened(entries, kept, async ({ lastFrame }) => {
      expect(lastFrame(id)).toEqual({ session, fCnt: expected });
    });
  });

  it('are none of a session whose keys were set since', async () => {
    await onGround(async ({ registry, clock }) => {
      await registry.addDevice({ id, profile: 'known/air', devEui: eui });
      await registry.keepAbpCounters([{ device: id, devAddr: session, fCnt: 7, at: instant(clock.now() - 1) }]);
      await registry.setLorawanKeys(id, {
        devAddr: session,
        nwkSKey: '000102030405060708090a0b0c0d0e0f',
        appSKey: '0f0e0d0c0b0a09080706050403020100',
      });
      const counters = await openCounters({ registry, journal: journalOf([]), clock, log: openLog('silent') });
      expect(counters.lastFrame(id)).toBeUndefined();
      counters.taken(id, { session, fCnt: 9 });
      await counters.close();
      expect(await registry.abpCounters()).toMatchObject([{ fCnt: 9 }]);
    });
  });
});
