import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DatabaseSync } from 'node:sqlite';
import { Compile } from 'typebox/compile';
import type { Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunOut } from '../../dashboard/api/reprocess.ts';
import {
  devEui,
  deviceId,
  instant,
  systemClock,
  uplinkId,
  type DeviceRef,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import { openLog } from '../../infra/logging/index.ts';
import { allObservations, counted, eventually } from '../faults/api.ts';
import { needs, startInfluxdb, startKerbside, type InfluxdbServer, type KerbsideServer } from '../servers/index.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 90_000 });

const root = join(import.meta.dirname, '../..');
const isRun = Compile(RunOut);
type Run = Static<typeof RunOut>;
const [MINUTE, BEGIN] = [60_000, Date.UTC(2026, 0, 5)];
const [OLD_EUI, NEW_EUI] = ['70b3d57ed0000001', '70b3d57ed0000002'];
const GATES = 400;
const AIRS = 20_000;

/** A frame of a gate: people in and out so far, 3.6 V. */
const frame = (total: number): Uint8Array => Uint8Array.from([1, total >> 8, total & 255, 0, total % 200, 0x0e, 0x10]);

/** A history of a counter over LoRaWAN, whose hardware is swapped afterwards, and of a JSON device, run again by a real server. */
const historyIn = (
  store: string,
  open: () => Promise<{ readonly server: KerbsideServer; readonly influx?: InfluxdbServer }>,
): void => {
  let server: KerbsideServer;
  let influx: InfluxdbServer | undefined;
  let key = '';
  const profile = (codec: (right: string) => string): void => {
    const folder = join(server.dataDir, 'profiles/council/gate');
    mkdirSync(folder, { recursive: true });
    cpSync(join(root, 'device-profiles/catalogue/_example/lorawan-device'), folder, { recursive: true });
    writeFileSync(
      join(folder, 'profile.yaml'),
      readFileSync(join(folder, 'profile.yaml'), 'utf8').replace('id: example/lorawan-device', 'id: council/gate'),
    );
    writeFileSync(join(folder, 'codec.js'), codec(readFileSync(join(folder, 'codec.js'), 'utf8')));
  };
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return (
      await fetch(`${server.url}/api/v1${path}`, {
        headers,
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
    ).json();
  };
  const run = (json: unknown): Run => (isRun.Check(json) ? json : expect.fail(JSON.stringify(json)));
  const start = async (scope: object, dryRun = false): Promise<Run> =>
    run(await ask('/reprocessing', { scope, from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', dryRun }));
  const ended = async ({ id }: Run, withinMs = 90_000): Promise<Run> => {
    await eventually(`run ${id} is over`, async () => run(await ask(`/reprocessing/${id}`)).endedAt !== null, withinMs);
    return run(await ask(`/reprocessing/${id}`));
  };
  const totals = async (): Promise<readonly (number | null)[]> =>
    (await allObservations(server, key, { device: 'gate', quantity: 'footfall_in_total' })).map(({ value }) => value);
  const crossed = async (): Promise<unknown> =>
    Object(await ask('/footfall?device=gate&from=2026-01-05&to=2026-01-06&every=day')).periods[0].in;
  const gates = { kind: 'profile', id: 'council/gate' };

  beforeAll(async () => {
    ({ server, influx } = await open());
    key = await server.createKey('administrator');
    // The count of people in is taken from the bytes of those out.
    profile((right) => right.replace('b[1] * 256 + b[2]', 'b[3] * 256 + b[4]'));
    await server.kill();
    await server.restart();
    await server.cli('devices', 'add', '--id', 'gate', '--profile', 'council/gate', '--dev-eui', OLD_EUI);
    await server.addDevice('air', 'kerbside/canonical');
    const now = systemClock.now();
    await server.kill();
    const journal = openSqliteJournal({
      file: join(server.dataDir, 'journal.db'),
      retentionMs: 4e11,
      maxBytes: 1e9,
      minFreeBytes: 0,
      groupMs: 0,
      clock: systemClock,
      log: openLog('silent'),
    });
    const uplink = (n: number, device: DeviceRef, rest: Pick<Uplink, 'payload'> & Partial<Uplink>): Uplink => ({
      id: uplinkId(`${device.by}${n}`.padStart(22, 'k')),
      redelivered: false,
      connector: device.by === 'id' ? 'mqtt' : 'chirpstack-mqtt',
      device,
      receivedAt: instant(now + n),
      ...rest,
    });
    const some: Uplink[] = [];
    for (let n = 0; n < GATES; n += 1)
      some.push(
        uplink(
          n,
          { by: 'devEui', value: devEui(OLD_EUI) },
          {
            receivedAt: instant(BEGIN + n * MINUTE),
            payload: frame(n),
            lorawan: { fPort: 10, fCnt: n, session: '01020304', receptions: [] },
          },
        ),
      );
    for (let n = 0; n < AIRS; n += 1)
      some.push(
        uplink(
          n,
          { by: 'id', value: deviceId('air') },
          { payload: new TextEncoder().encode(JSON.stringify({ time: BEGIN + n * MINUTE, no2: 20 + (n % 10) })) },
        ),
      );
    for (let n = 0; n < some.length; n += 1_000) await journal.append(some.slice(n, n + 1_000));
    await journal.close();
    await server.restart();
    await eventually(
      'all of it is stored',
      async () => (await counted(server, 'kerbside_uplinks_total', { outcome: 'stored' })) === GATES + AIRS,
      90_000,
    );
    await server.cli('devices', 'change', 'gate', '--dev-eui', NEW_EUI);
  });
  afterAll(async () => {
    await server?.stop();
    await influx?.stop();
  });

  it(`in ${store}: a codec that hangs fails the run; one that throws is counted; mended, people are counted right`, async () => {
    const before = await crossed();
    expect(before).not.toBe(GATES - 1);
    profile(() => 'function decodeUplink(input) { for (;;); }');
    await eventually(
      'it is read',
      async () =>
        server.output().split('for what is kept already: npx kerbside reprocess --profile council/gate').length === 2,
    );
    const hung = await start(gates);
    expect(await ended(hung)).toMatchObject({
      state: 'failed',
      fault: expect.stringMatching(/^reprocess-codec: the codec of council\/gate/),
    });
    expect(await crossed()).toBe(before);
    profile(() => 'function decodeUplink(input) { throw new Error("no"); }');
    await eventually('it is read', async () => server.output().split('for what is kept already: npx').length === 3);
    const thrown = await ended(await start(gates));
    expect(thrown).toMatchObject({
      state: 'done',
      result: { uplinks: GATES, read: 0, refused: [{ reason: 'codec-error', uplinks: GATES }] },
    });
    expect(thrown.result.quantities.map(({ kept }) => kept)).toEqual([GATES, GATES, GATES]);
    profile((right) => right);
    await eventually('it is read', async () => server.output().split('for what is kept already: npx').length === 4);
    expect(
      (await ended(await start(gates))).result.quantities.find(({ quantity }) => quantity === 'footfall_in_total'),
    ).toMatchObject({ same: 200, value: GATES - 200 });
    expect(await totals()).toEqual(Array.from({ length: GATES }, (_, n) => n));
    expect(await crossed()).toBe(GATES - 1);
  });

  it(`in ${store}: Ctrl-C ends the showing and not the run, a run that was called off stops at once, and the same run asked for again does the rest`, async () => {
    await ask('/devices/air/calibrations', {
      quantity: 'no2',
      from: new Date(BEGIN).toISOString(),
      correction: { coefficients: [1, 2] },
      author: 'Air quality team',
      reason: 'Drift',
      reprocess: 'leave',
    });
    const child = spawn(
      process.execPath,
      [join(root, 'kerbside.ts'), 'reprocess', '--device', 'air', '--from', '2026-01-01', '--to', '2026-02-01'],
      { env: { ...server.env, KERBSIDE_KEY: key }, cwd: server.folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const said = text(child.stderr);
    const newest = async (): Promise<Run> => run(Object(await ask('/reprocessing?limit=1')).runs[0]);
    await eventually('it has begun', async () => Object((await newest()).scope).id === 'air');
    const job = await newest();
    // The command looks for the first time half a second after it was told.
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect([code, await said]).toEqual([130, expect.stringContaining(`Run ${job.id} goes on`)]);
    const off = run(await ask(`/reprocessing/${job.id}/cancel`, {}));
    expect(off.state).toBe('cancelled');
    const again = await ended(await start({ kind: 'device', id: 'air' }));
    expect(again).toMatchObject({ state: 'done', result: { uplinks: AIRS } });
    const all = await allObservations(server, key, { device: 'air', quantity: 'no2' });
    expect(all.filter(({ value, raw }) => value === 1 + 2 * (raw ?? 0))).toHaveLength(AIRS);
    process.stdout.write(
      `  called off at ${off.progress}; the rest: ${again.result.quantities[0]?.value} of ${AIRS}\n`,
    );
  });

  it(`in ${store}: a registry that another process holds costs no run what it has found`, async () => {
    const job = await start({ kind: 'device', id: 'air' }, true);
    const registry = new DatabaseSync(join(server.dataDir, 'registry.db'), { timeout: 5_000 });
    registry.exec('BEGIN IMMEDIATE');
    // Longer than anybody waits for a lock.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    registry.exec('ROLLBACK');
    registry.close();
    expect(await ended(job)).toMatchObject({
      state: 'done',
      fault: null,
      result: { uplinks: AIRS, quantities: [{ quantity: 'no2', same: AIRS }] },
    });
  });
};

describe('history in a server with SQLite', () => {
  historyIn('SQLite', async () => ({ server: await startKerbside() }));
});
needs('influxd')('history in a server over InfluxDB', () =>
  historyIn('InfluxDB', async () => {
    const influx = await startInfluxdb();
    return {
      influx,
      server: await startKerbside({
        KERBSIDE_TIMESERIES_BACKEND: 'influxdb',
        KERBSIDE_INFLUXDB_URL: influx.url,
        KERBSIDE_INFLUXDB_DATABASE: 'street',
      }),
    };
  }),
);
