import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Compile } from 'typebox/compile';
import type { Static } from 'typebox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RunOut } from '../../dashboard/api/reprocess.ts';
import { deviceId, instant, systemClock, uplinkId, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import { openLog } from '../../infra/logging/index.ts';
import { allObservations, counted, eventually } from '../faults/api.ts';
import { needsRecording, recording, startKerbside, type KerbsideServer } from '../servers/index.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const root = join(import.meta.dirname, '../..');
const isRun = Compile(RunOut);
type Run = Static<typeof RunOut>;

let server: KerbsideServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const running = (): KerbsideServer => server ?? expect.fail('no server');
const ask = async (key: string, path: string, body?: object): Promise<unknown> => {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const answer = await fetch(`${running().url}/api/v1${path}`, {
    headers,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return answer.json();
};
const run = (json: unknown): Run => (isRun.Check(json) ? json : expect.fail(JSON.stringify(json)));

describe('a run over history in a server', () => {
  it('goes on after kill -9, and ends with what it would have ended with', async () => {
    server = await startKerbside();
    const key = await server.createKey('administrator');
    const ids = ['k-1', 'k-2', 'k-3'];
    for (const id of ids) await server.addDevice(id, 'kerbside/canonical');
    await server.kill();
    const [count, begin] = [20_000, Date.UTC(2026, 0, 5)];
    const journal = openSqliteJournal({
      file: join(server.dataDir, 'journal.db'),
      retentionMs: 4e10,
      maxBytes: 1e9,
      minFreeBytes: 0,
      groupMs: 0,
      clock: systemClock,
      log: openLog('silent'),
    });
    const now = systemClock.now();
    const uplinkAt = (n: number): readonly Uplink[] =>
      ids.map((id, of) => ({
        id: uplinkId(String(n * ids.length + of).padStart(22, 'k')),
        redelivered: false,
        connector: 'mqtt',
        device: { by: 'id', value: deviceId(id) },
        receivedAt: instant(now - count + n),
        payload: new TextEncoder().encode(
          JSON.stringify({ time: begin + n * 60_000, no2: 20 + (n % 10), temperature: 10 }),
        ),
      }));
    for (let n = 0; n < count; n += 500)
      await journal.append(Array.from({ length: 500 }, (_, at) => uplinkAt(n + at)).flat());
    await journal.close();
    await server.restart();
    await eventually(
      'all of it is stored',
      async () => (await counted(running(), 'kerbside_uplinks_total', { outcome: 'stored' })) === count * ids.length,
    );

    let last = 0;
    for (const id of ids) {
      const added = await ask(key, `/devices/${id}/calibrations`, {
        quantity: 'no2',
        from: new Date(begin).toISOString(),
        correction: { coefficients: [1, 2] },
        author: 'Air quality team',
        reason: 'Drift',
      });
      last = Number(Object(added).run);
    }
    const runs = async (): Promise<readonly Run[]> =>
      (Object(await ask(key, '/reprocessing')).runs as unknown[]).map(run);
    let kills = 0;
    for (let share = 0.05; (await runs()).some(({ state }) => state !== 'done'); share += 0.15) {
      const isAtWork = async (): Promise<boolean> =>
        (await runs()).some(({ state, progress }) => state === 'running' && progress > share % 1);
      const until = Date.now() + 1_000;
      while (!(await isAtWork()) && Date.now() < until);
      if (await isAtWork()) kills += 1;
      await server.kill();
      await server.restart();
      if (kills >= 6) break;
    }
    await eventually(
      'all runs are done',
      async () => run(await ask(key, `/reprocessing/${last}`)).state === 'done',
      120_000,
    );
    for (const one of await runs()) {
      expect(one).toMatchObject({
        state: 'done',
        progress: 1,
        result: { devicesDone: 1, uplinks: count, read: count },
      });
      expect(one.result.quantities).toEqual([
        expect.objectContaining({ quantity: 'no2', same: 0, value: count, new: 0, withdrawn: 0, fromRaw: 0 }),
        expect.objectContaining({ quantity: 'temperature', same: count }),
      ]);
    }
    for (const id of ids) {
      const all = await allObservations(server, key, { device: id, quantity: 'no2' });
      expect(all).toHaveLength(count);
      expect(all.every(({ value, raw }) => value === 1 + 2 * (raw ?? Number.NaN))).toBe(true);
    }
    expect(kills).toBeGreaterThan(0);
    process.stdout.write(`  killed ${kills} times at work\n`);
  });
});

const SANDY_LANE = 'air_quality/zephyr_sandy_lane_2021-12_rows1-1200.csv';
const ROWS = 1_200;

needsRecording(SANDY_LANE, SANDY_LANE)('a real Zephyr whose mapping was wrong for three weeks', () => {
  const kerbside = async (
    words: readonly string[],
    key = '',
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
    const child = spawn(process.execPath, [join(root, 'kerbside.ts'), ...words], {
      env: { ...running().env, KERBSIDE_KEY: key },
      cwd: running().folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code: Number(code), out, err };
  };
  /** The Zephyr as it is, and one whose NO2 is taken for ppb, whose housing is taken for the road and whose humidity is not read at all. */
  const profile = (wrong: boolean): void => {
    const folder = join(running().dataDir, 'profiles/council/zephyr');
    mkdirSync(folder, { recursive: true });
    cpSync(join(root, 'device-profiles/catalogue/earthsense/zephyr'), folder, { recursive: true });
    const is = readFileSync(join(folder, 'profile.yaml'), 'utf8')
      .replace('id: earthsense/zephyr', 'id: council/zephyr')
      .replace('EarthSense Zephyr air quality sensor', 'Zephyr of the council');
    const was = is
      .replace('NO2: { quantity: no2, unit: ug/m3 }', 'NO2: { quantity: no2, unit: "[ppb]" }')
      .replace("AmbientHumidity: { quantity: humidity, unit: '%' }", '')
      .replace(
        'Temp: { quantity: internal_temperature, unit: Cel }',
        'Temp: { quantity: road_surface_temperature, unit: Cel }',
      );
    writeFileSync(join(folder, 'profile.yaml'), wrong ? was : is);
  };
  const mapFor = (device: string, profileName: string): string => {
    const file = join(running().folder, `${device}.yaml`);
    const map = readFileSync(join(root, 'commands/replay/maps/zephyr-sandy-lane.yaml'), 'utf8')
      .replace('id: zephyr-sandy-lane', `id: ${device}`)
      .replace('earthsense/zephyr', profileName);
    writeFileSync(file, map);
    return file;
  };
  const replay = (file: string): Promise<void> =>
    new Promise((resolve, reject) =>
      execFile(
        process.execPath,
        [join(root, 'kerbside.ts'), 'replay', recording(SANDY_LANE), '--map', file, '--json'],
        { env: running().env, cwd: running().folder, timeout: 120_000 },
        (error) => (error === null ? resolve() : reject(error)),
      ),
    );
  const said = async (key: string, device: string) =>
    (await allObservations(running(), key, { device, from: '2021-01-01T00:00:00Z' })).map(
      ({ time, quantity, value, raw, flag, reason }) => [time, quantity, value, raw, flag, reason ?? ''],
    );

  it('has the history of one whose mapping was right, after a run; the dry run had said how much that is', async () => {
    server = await startKerbside();
    const key = await server.createKey('administrator');
    profile(true);
    await server.kill();
    await server.restart();
    await replay(mapFor('right', 'earthsense/zephyr'));
    await replay(mapFor('wrong', 'council/zephyr'));
    await eventually(
      'all of it is stored',
      async () => (await counted(running(), 'kerbside_uplinks_total', { outcome: 'stored' })) === 2 * ROWS,
    );
    const [right, before] = [await said(key, 'right'), await said(key, 'wrong')];
    profile(false);
    await eventually('the profile is read anew', async () =>
      JSON.stringify(await ask(key, '/devices/wrong/preview')).includes('"internal_temperature"'),
    );

    const words = ['reprocess', '--profile', 'council/zephyr', '--from', '2021-12-01', '--to', '2022-01-01'];
    const dry = await kerbside([...words, '--dry-run', '--json'], key);
    expect(dry).toMatchObject({ code: 0 });
    const found = run(JSON.parse(dry.out));
    expect(await said(key, 'wrong')).toEqual(before);
    const has = (rows: typeof right, quantity: string): number => rows.filter(([, name]) => name === quantity).length;
    const measured = right.filter(([, name, value]) => name === 'no2' && value !== null).length;
    const by = new Map(found.result.quantities.map((one) => [one.quantity, one]));
    expect(found.result).toMatchObject({ devices: 1, uplinks: ROWS, read: ROWS, refused: [], released: 0 });
    expect(by.get('no2')).toMatchObject({
      value: measured,
      same: ROWS - measured,
      changes: measured,
      new: 0,
      withdrawn: 0,
    });
    expect(by.get('humidity')).toMatchObject({ new: has(right, 'humidity'), same: 0 });
    expect(by.get('internal_temperature')).toMatchObject({ new: ROWS });
    expect(by.get('road_surface_temperature')).toMatchObject({
      withdrawn: has(before, 'road_surface_temperature'),
      same: 0,
    });
    for (const quantity of ['o3', 'no', 'pm1', 'pm10', 'pressure'])
      expect(by.get(quantity)?.value, `of ${quantity}`).toBe(0);

    const real = await kerbside([...words, '--reason', 'NO2 was taken for ppb'], key);
    expect(real).toMatchObject({ code: 0 });
    expect(real.out).toMatch(/QUANTITY +SAME +VALUE +FLAG/);
    expect(real.out).toMatch(/Largest differences:\nTIME +DEVICE +QUANTITY +BEFORE +AFTER/);
    expect(await said(key, 'wrong')).toEqual(right);
    const { runs } = JSON.parse((await kerbside(['reprocess', 'list', '--json'], key)).out) as { runs: unknown[] };
    const [last, first] = runs.map(run);
    expect(last?.result).toEqual(first?.result);
    expect((await kerbside(['reprocess', 'show', String(last?.id)], key)).out).toBe(real.out);

    expect(await kerbside(['reprocess', '--from', '2021-12-01', '--to', '2022-01-01'], key)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--device, --profile or --site'),
    });
    expect(
      await kerbside(['reprocess', '--device', 'nobody', '--from', '2021-12-01', '--to', '2022-01-01'], key),
    ).toMatchObject({ code: 3 });
    expect(await kerbside(['reprocess', 'cancel', '99'], key)).toMatchObject({ code: 3 });
    expect(await kerbside(words)).toMatchObject({ code: 2, err: expect.stringContaining('KERBSIDE_KEY') });
  });
});
