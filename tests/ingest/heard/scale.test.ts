import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vitalsOf } from '../../../dashboard/health/device.ts';
import { openBatteries } from '../../../dashboard/health/batteries.ts';
import { openFleet } from '../../../dashboard/now/fleet.ts';
import { openCatalogue, ownCatalogue } from '../../../device-profiles/catalogue.ts';
import { deviceId, devEui, instant, uplinkId, type JudgedReading } from '../../../device-profiles/vocabulary/index.ts';
import { DAY_MS } from '../../../infra/heard/contract.ts';
import type { Entry } from '../../../infra/journal/contract.ts';
import { openSqliteJournal } from '../../../infra/journal/sqlite.ts';
import { openLog } from '../../../infra/logging/index.ts';
import { openMetrics } from '../../../infra/metrics/index.ts';
import { openRegistryIn } from '../../../infra/registry/open.ts';
import { openEar } from '../../../ingest/heard/index.ts';
import { took } from '../../took.ts';

const DEVICES = 10_000;
const DAYS = 5;
const NOON = Date.UTC(2026, 5, 1, 12);

test('ten thousand devices are noted, kept, taken up again and looked at', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-heard-scale-'));
  const log = openLog('silent');
  let now = instant(NOON);
  const clock = { now: () => now };
  const catalogue = await openCatalogue([ownCatalogue]);
  const registry = await openRegistryIn(folder, { clock, log, catalogue });
  const journal = openSqliteJournal({
    file: join(folder, 'journal.db'),
    retentionMs: 1e12,
    maxBytes: 1e9,
    minFreeBytes: 0,
    groupMs: 0,
    clock,
    log,
  });
  const metrics = openMetrics();
  const euiOf = (n: number) => devEui(n.toString(16).padStart(16, '0'));
  await registry.addDevices(
    Array.from({ length: DEVICES }, (_, n) => ({ id: `d-${n}`, profile: 'decentlab/dl-pm', devEui: euiOf(n) })),
  );
  const parts = { journal, registry, catalogue, metrics, clock, log, understand: async () => [] };
  const ear = await openEar(parts);
  let seq = 0;
  const round = (fCnt: number) => {
    const batch: Entry[] = [];
    const judged: { entry: Entry; reading: JudgedReading }[] = [];
    for (let n = 0; n < DEVICES; n += 1) {
      seq += 1;
      const entry: Entry = {
        seq,
        uplink: {
          id: uplinkId('u'.repeat(22)),
          redelivered: false,
          connector: 'external-mqtt',
          device: { by: 'devEui', value: euiOf(n) },
          receivedAt: now,
          payload: new Uint8Array(20),
          lorawan: {
            fPort: 1,
            fCnt,
            session: 's',
            receptions: [0, 1, 2].map((g) => ({ gateway: `gw-${(n + g) % 40}`, rssi: -90 - g, snr: 5 })),
          },
        },
      };
      batch.push(entry);
      const value = { kind: 'measured', value: 3 } as const;
      const observations = (['pm2_5', 'pm10', 'temperature', 'humidity', 'battery_voltage'] as const).map(
        (quantity) => ({ quantity, value, raw: 3, flag: 1 as const }),
      );
      judged.push({
        entry,
        reading: { device: deviceId(`d-${n}`), site: null, borough: null, time: now, receivedAt: now, observations },
      });
    }
    return () => ear.note(batch, judged);
  };
  for (let day = 0; day < DAYS; day += 1) {
    now = instant(NOON - (DAYS - 1 - day) * DAY_MS);
    round(day * 2)();
    await ear.keep();
  }
  await took(`${DEVICES} uplinks noted`, round(DAYS * 2), DEVICES);
  await took(`${DEVICES} devices kept`, () => ear.keep());
  round(DAYS * 2 + 1)();
  await took(`${DEVICES} uplinks noted, on days that are begun`, round(DAYS * 2 + 2), DEVICES);
  await took(`${DEVICES} devices kept again, on a day that is there`, () => ear.keep());
  await took('all of them taken up at a start', () => openEar(parts));
  const fleet = await took('the fleet looked at', () =>
    openFleet({ registry, catalogue, heard: ear.reader, radio: { gateways: () => [] }, brokerUp: () => undefined }),
  );
  expect(fleet.routes.size).toBe(40);
  const page = registry.devices().slice(0, 100);
  const vitals = await took('the health of 100 of them', () =>
    vitalsOf(page, { registry, catalogue, heard: ear.reader }, fleet),
  );
  expect(vitals[0]?.frames?.['30d']).toMatchObject({ received: DAYS + 3, missed: DAYS });
  await took('the health of all of them', () =>
    vitalsOf(registry.devices(), { registry, catalogue, heard: ear.reader }, fleet),
  );
  const batteries = await took('all batteries', openBatteries({ registry, catalogue, heard: ear.reader, clock }));
  expect(batteries.size).toBe(DEVICES);
  await ear.close();
  await journal.close();
  await registry.close();
  await catalogue.close();
  rmSync(folder, { recursive: true });
}, 180_000);
