import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allObservations, eventually, type ApiObservation } from '../faults/api.ts';
import { startKerbside, type KerbsideServer } from '../servers/index.ts';

const root = join(import.meta.dirname, '../..');
const map = `time: { columns: [Time], format: iso, keys: { time: iso } }
missing: [n/a]
devices:
  - id: replayed-1
    profile: kerbside/canonical
    site: { id: high-street, name: High Street, latitude: 53.41, longitude: -2.16, borough: stockport }
    rows: { Street: High Street }
    columns: { NO2: no2 }
  - id: replayed-2
    profile: kerbside/canonical
    site: { id: low-street }
    rows: { Street: Low Street }
    columns: { NO2: no2, "PM2.5 (ug/m3)": pm2_5 }
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

describe('the replay command', () => {
  let server: KerbsideServer;
  let key: string;
  beforeAll(async () => {
    server = await startKerbside();
    key = await server.createKey('viewer');
    writeFileSync(join(server.folder, 'map.yaml'), map);
  });
  afterAll(() => server.stop());

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(root, 'kerbside.ts'), 'replay', ...args],
        { env: { ...server.env, ...env }, cwd: server.folder, timeout: 60_000 },
        (error, out, said) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, said }),
      );
    });
  const csv = (...rows: readonly string[]): string => {
    const file = join(server.folder, 'rows.csv');
    writeFileSync(file, `Street,Time,NO2,PM2.5 (ug/m3)\n${rows.map((row) => `${row}\n`).join('')}`);
    return file;
  };
  const stored = (device: string): Promise<ApiObservation[]> =>
    allObservations(server, key, { device, from: '2018-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' });

  it('sends each row as the device that it belongs to, at the site that the map says', async () => {
    const file = csv(
      'High Street,2024-05-01T10:00:00Z,18.5,',
      'Low Street,2024-05-01T10:00:00Z,20,n/a',
      'Nowhere,2024-05-01T10:00:00Z,1,1',
    );
    const { code, out } = await run([file, '--map', 'map.yaml', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      rows: 3,
      sent: 2,
      acknowledged: 2,
      registered: 2,
      devices: ['replayed-1', 'replayed-2'],
      skipped: [{ reason: 'row-of-nobody', rows: 1, lines: [4] }],
    });
    await eventually(
      'both are stored',
      async () => (await stored('replayed-1')).length === 1 && (await stored('replayed-2')).length === 2,
    );
    expect(await stored('replayed-1')).toEqual([
      expect.objectContaining({
        site: 'high-street',
        quantity: 'no2',
        value: 18.5,
        flag: 1,
        time: '2024-05-01T10:00:00.000Z',
      }),
    ]);
    expect(await stored('replayed-2')).toEqual([
      expect.objectContaining({ site: 'low-street', quantity: 'no2', value: 20 }),
      expect.objectContaining({ quantity: 'pm2_5', value: null, flag: 9 }),
    ]);
  });

  it('sends what it can of a file with bad rows, names the others with their lines, and ends with 5', async () => {
    const file = csv(
      'High Street,2024-05-02T10:00:00Z,18.5,',
      'High Street,soon,19,',
      'High Street,2024-05-02T10:02:00Z,lots,',
      'High Street,2024-05-02T10:03:00Z',
      'High Street,2024-05-02T10:04:00Z,2"1"0,',
      'High Street,2024-05-02T10:05:00Z,21,',
    );
    const { code, out } = await run([file, '--map', 'map.yaml', '--json']);
    expect(code).toBe(5);
    const report = JSON.parse(out) as {
      rows: number;
      sent: number;
      skipped: { reason: string; rows: number; lines: number[] }[];
    };
    expect(report).toMatchObject({ rows: 6, sent: 2, acknowledged: 2 });
    expect(report.skipped.map(({ reason, lines }) => [reason, lines])).toEqual([
      ['time-unreadable', [3]],
      ['not-a-number', [4]],
      ['column-count', [5]],
      ['broken-csv', [6]],
    ]);
    expect(report.rows).toBe(report.sent + report.skipped.reduce((sum, { rows }) => sum + rows, 0));
    const { out: text } = await run([file, '--map', 'map.yaml']);
    expect(text).toMatch(/Replayed 6 rows .*\n[^]*acknowledged {2}2\n[^]*not-a-number +1: line 4 \(NO2: "lots"\)/);
  });

  it('goes at the pace of the rows when asked to', async () => {
    const file = csv(
      ...[0, 10, 20].map((second) => `High Street,2024-05-03T10:00:${String(second).padStart(2, '0')}Z,1,`),
    );
    const { code, out } = await run([file, '--map', 'map.yaml', '--speed', '20', '--json']);
    expect(code).toBe(0);
    const { seconds } = JSON.parse(out) as { seconds: number };
    expect(seconds).toBeGreaterThan(0.9);
    expect(seconds).toBeLessThan(10);
  });

  it('shifts the newest row to now when asked to', async () => {
    const file = csv('Low Street,2019-01-01T00:00:00Z,5,5', 'Low Street,2019-01-01T06:00:00Z,6,6');
    const { code, out } = await run([file, '--map', 'map.yaml', '--shift-to-now', '--json']);
    expect(code).toBe(0);
    const { shiftMs } = JSON.parse(out) as { shiftMs: number };
    const times = [Date.parse('2019-01-01T00:00:00Z'), Date.parse('2019-01-01T06:00:00Z')].map((time) =>
      new Date(time + shiftMs).toISOString(),
    );
    await eventually(
      'both rows are stored at their new times',
      async () => (await stored('replayed-2')).filter(({ time }) => times.includes(time)).length === 4,
    );
    expect(Math.abs(Date.parse(times[1] ?? '') - Date.now())).toBeLessThan(120_000);
  });

  it('is interrupted by Ctrl-C: what was sent is acknowledged and told, and it ends with 130', async () => {
    const file = csv('High Street,2024-05-04T10:00:00Z,1,', 'High Street,2024-05-04T20:00:00Z,2,');
    const ended = new Promise<Ended>((resolve) => {
      const child = execFile(
        process.execPath,
        [join(root, 'kerbside.ts'), 'replay', file, '--map', 'map.yaml', '--speed', '1', '--json'],
        { env: server.env, cwd: server.folder, timeout: 60_000 },
        (error, out, said) => resolve({ code: typeof error?.code === 'number' ? error.code : -1, out, said }),
      );
      void eventually('the first row has arrived', async () =>
        (await stored('replayed-1')).some(({ time }) => time === '2024-05-04T10:00:00.000Z'),
      ).then(() => child.kill('SIGINT'));
    });
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ rows: 1, sent: 1, acknowledged: 1, complete: false });
  });

  it('ends with 2 when the map or the request is wrong, and says what', async () => {
    const file = csv('High Street,2024-05-01T10:00:00Z,1,');
    writeFileSync(join(server.folder, 'bad.yaml'), map.replace('NO2: no2 }\n  -', 'NO3: no2 }\n  -'));
    expect(await run([file, '--map', 'bad.yaml'])).toMatchObject({
      code: 2,
      said: expect.stringMatching(/1 fault in bad\.yaml\n {2}line 8 .*no column "NO3"/),
    });
    expect(await run([file, '--map', 'map.yaml', '--speed', 'fast'])).toMatchObject({
      code: 2,
      said: expect.stringContaining('a speed is a number above 0, or max'),
    });
    expect(await run([file])).toMatchObject({ code: 2 });
    writeFileSync(
      join(server.folder, 'odd.yaml'),
      map.replaceAll('kerbside/canonical', 'acme/none').replaceAll('replayed', 'odd'),
    );
    expect(await run([file, '--map', 'odd.yaml'])).toMatchObject({
      code: 2,
      said: expect.stringContaining('acme/none'),
    });
  });

  it('ends with 3 when a file is not there', async () => {
    expect(await run(['no-such.csv', '--map', 'map.yaml'])).toMatchObject({
      code: 3,
      said: expect.stringContaining('no-such.csv'),
    });
    expect(await run([csv(), '--map', 'no-such.yaml'])).toMatchObject({
      code: 3,
      said: expect.stringContaining('no-such.yaml'),
    });
  });

  it('ends with 1 when no server answers, and asks whether it runs', async () => {
    const file = csv('High Street,2024-05-01T10:00:00Z,1,');
    expect(await run([file, '--map', 'map.yaml', '--url', 'mqtt://127.0.0.1:1'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('is the server running'),
    });
  });

  it('ends with 4 when a device is registered otherwise: it takes nobody’s place', async () => {
    const file = csv('High Street,2024-05-01T10:00:00Z,1,');
    writeFileSync(
      join(server.folder, 'other.yaml'),
      map.replaceAll('kerbside/canonical', 'earthsense/zephyr').replaceAll('no2', 'NO2').replaceAll('pm2_5', 'PM2.5'),
    );
    expect(await run([file, '--map', 'other.yaml'])).toMatchObject({
      code: 4,
      said: expect.stringContaining('registered with the profile kerbside/canonical'),
    });
    await server.addDevice('replayed-3', 'kerbside/canonical');
    writeFileSync(join(server.folder, 'third.yaml'), map.replace('replayed-1', 'replayed-3'));
    expect(await run([file, '--map', 'third.yaml'])).toMatchObject({
      code: 4,
      said: expect.stringContaining('its token is not known here'),
    });
  });

  it('speaks to a server elsewhere with tokens from a file, and registers nothing', async () => {
    const { token } = await server.addDevice('replayed-4', 'kerbside/canonical');
    const file = csv('High Street,2024-05-05T10:00:00Z,7,');
    const text = map.slice(0, map.indexOf('  - id: replayed-2')).replace('replayed-1', 'replayed-4');
    writeFileSync(join(server.folder, 'fourth.yaml'), text);
    writeFileSync(join(server.folder, 'tokens.json'), JSON.stringify({ 'replayed-4': token }));
    const elsewhere = { KERBSIDE_DATA_DIR: join(server.folder, 'elsewhere') };
    const url = `mqtt://127.0.0.1:${server.mqttPort}`;
    const { code, out } = await run(
      [file, '--map', 'fourth.yaml', '--tokens', 'tokens.json', '--url', url, '--json'],
      elsewhere,
    );
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ acknowledged: 1, registered: 0 })]);
    writeFileSync(join(server.folder, 'tokens.json'), JSON.stringify({ 'replayed-4': 'wrong' }));
    expect(await run([file, '--map', 'fourth.yaml', '--tokens', 'tokens.json', '--url', url], elsewhere)).toMatchObject(
      { code: 2, said: expect.stringContaining('refuses replayed-4') },
    );
    rmSync(join(server.folder, 'tokens.json'));
  });
});
