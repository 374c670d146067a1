import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { start, type Running } from '../../commands/start.ts';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import { freePort } from '../servers/daemon.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'kerbside-previews-'));
const data = join(folder, 'data');
const children: ChildProcess[] = [];

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let server: Running;
let token = '';
let key = '';
beforeAll(async () => {
  const ports = {
    KERBSIDE_HTTP_PORT: String(await freePort()),
    KERBSIDE_MQTT_PORT: String(await freePort()),
    KERBSIDE_FEEDS_MQTT_PORT: String(await freePort()),
  };
  server = await start(
    readConfig({
      env: { KERBSIDE_DATA_DIR: data, KERBSIDE_LOG_LEVEL: 'silent', KERBSIDE_HTTP_HOST: '127.0.0.1', ...ports },
    }),
  );
  ({ token } = await server.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'market' }));
  key = (await server.registry.createKey({ name: 'x', role: 'viewer' })).secret;
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server.stop();
  rmSync(folder, { recursive: true });
});

const spawned = (words: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess => {
  const child = spawn(process.execPath, [join(root, 'kerbside.ts'), ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'], KERBSIDE_DATA_DIR: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
};
const done = async (child: ChildProcess) => {
  if (child.stdout === null || child.stderr === null) throw new Error('a child has its outputs');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: Number(code), out, err };
};
/** Resolves with the first that it prints. */
const begun = async ({ stdout }: ChildProcess): Promise<void> => {
  if (stdout === null) throw new Error('a child has its outputs');
  await once(stdout, 'data');
};
const kerbside = (...words: readonly string[]) => done(spawned(words));
const linesOf = (out: string): unknown[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const say = async (body: string): Promise<void> => {
  const answer = await fetch(`${server.urls.http ?? ''}/api/v1/uplinks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`aq-1:${token}`).toString('base64')}`,
    },
    body,
  });
  expect(answer.status).toBeLessThan(300);
};

describe('kerbside devices watch', () => {
  test('shows, beside the running server and without a key, what came and what comes, refused too', async () => {
    await say('{"pm2_5": 12.5, "humidity": 120, "colour": "red"}');
    const child = spawned(['devices', 'watch', 'aq-1', '--last', '1', '--events', '3', '--json']);
    const outcome = done(child);
    await begun(child);
    await say('not json');
    await say('{"pm2_5": 13}');
    const { code, out, err } = await outcome;
    expect([code, err]).toEqual([0, '']);
    expect(linesOf(out)).toMatchObject([
      {
        device: 'aq-1',
        unmapped: ['colour'],
        readings: [
          {
            site: 'market',
            values: [
              { value: 12.5, flag: 1 },
              { flag: 4, reason: 'gross-range' },
            ],
          },
        ],
      },
      { refused: { step: 'decode', reason: 'not-json' }, text: 'not json' },
      { readings: [{ values: [{ value: 13 }] }] },
    ]);
  });

  test('tells a person in a block for each uplink, and never what would command the terminal', async () => {
    await say('{"pm2_5": 1, "\\u009b31m": "\\u001b[2J"}');
    const { code, out } = await kerbside('devices', 'watch', 'aq-1', '--last', '1', '--events', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/aq-1 by http, [\d.]+ (s|min) ago, \d+ bytes\n {2}hex {7}7b .*\n {2}text {6}\{/);
    expect(out).toMatch(/ {4}pm2_5 +1 ug\/m3 +pass/);
    expect(out).toContain('unmapped  .31m');
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test('ends with --once when it has shown what there is, however little', async () => {
    const { code, out, err } = await kerbside(
      'devices',
      'watch',
      'aq-1',
      '--last',
      '9999',
      '--events',
      '9999',
      '--once',
      '--json',
    );
    expect([code, err]).toEqual([0, '']);
    const stored = linesOf(out).length;
    expect(stored).toBeGreaterThan(3);
    expect(await kerbside('devices', 'watch', 'aq-1', '--once')).toEqual({ code: 0, out: '', err: '' });
    const elsewhere = await kerbside('devices', 'watch', 'aq-1', '--once', '--url', server.urls.http ?? '');
    expect([elsewhere.code, elsewhere.err]).toEqual([2, expect.stringContaining("'--once' cannot be used with")]);
  });

  test('shows the flags of the store: a sensor that warms up is suspect here as well', async () => {
    await server.registry.setQuality(
      { kind: 'device', id: deviceId('aq-1') },
      { quantities: { co: { warmUp: { silence: '30m', for: '1h' } } } },
    );
    await say(`{"co": 1, "time": "${new Date(Date.now() - 60_000).toISOString()}"}`);
    await say('{"co": 2}');
    const stored = async () =>
      (await server.timeseries.range({ quantities: ['co'], limit: 10 })).observations.map(({ flag, reason }) => ({
        flag,
        reason,
      }));
    await expect.poll(stored, { timeout: 20_000 }).toEqual([
      { flag: 3, reason: 'warm-up' },
      { flag: 3, reason: 'warm-up' },
    ]);
    const { code, out } = await kerbside('devices', 'watch', 'aq-1', '--last', '2', '--once', '--json');
    expect(code).toBe(0);
    expect(linesOf(out)).toMatchObject([
      { readings: [{ values: [{ value: 1, flag: 3, reason: 'warm-up' }] }] },
      { readings: [{ values: [{ value: 2, flag: 3, reason: 'warm-up' }] }] },
    ]);
  });

  test('follows a server elsewhere with a key, and goes on where it was', async () => {
    const words = [
      'devices',
      'watch',
      'aq-1',
      '--last',
      '2',
      '--events',
      '3',
      '--json',
      '--url',
      server.urls.http ?? '',
    ];
    const child = spawned(words, { KERBSIDE_KEY: key, KERBSIDE_DATA_DIR: join(folder, 'nothing') });
    const outcome = done(child);
    await begun(child);
    await say('{"pm2_5": 77}');
    const { code, out, err } = await outcome;
    expect([code, err]).toEqual([0, '']);
    expect(linesOf(out)).toHaveLength(3);
    expect(linesOf(out)[2]).toMatchObject({ readings: [{ values: [{ value: 77 }] }] });
  });

  test('ends with Ctrl-C, and with the end of who reads it', async () => {
    const child = spawned(['devices', 'watch', 'aq-1', '--last', '1']);
    const outcome = done(child);
    await begun(child);
    child.kill('SIGINT');
    expect(await outcome).toMatchObject({ code: 0, err: 'Waiting for what aq-1 sends. Ctrl-C ends it.\n' });
    const piped = spawned(['devices', 'watch', 'aq-1', '--last', '1']);
    await begun(piped);
    piped.stdout?.destroy();
    await say('{"pm2_5": 5}');
    await say('{"pm2_5": 6}');
    if (piped.exitCode === null) await once(piped, 'exit');
    expect(piped.exitCode).toBe(0);
  });

  test.each([
    [['nobody'], {}, 3, 'no device "nobody" is registered'],
    [['../x'], {}, 2, 'is not a device id'],
    [['aq-1', '--last', 'many'], {}, 2, 'whole number'],
    [['aq-1', '--url', 'http://127.0.0.1:9'], {}, 2, 'KERBSIDE_KEY'],
    [['aq-1', '--url', 'http://127.0.0.1:9'], { KERBSIDE_KEY: 'k' }, 1, 'nothing answers'],
  ])('%j with %j ends with %i and says why', async (words, env, code, why) => {
    const outcome = await done(spawned(['devices', 'watch', ...words], env));
    expect(outcome.err).toContain(why);
    expect([outcome.code, outcome.out]).toEqual([code, '']);
  });

  test('says when there is no journal yet', async () => {
    const env = { KERBSIDE_DATA_DIR: join(folder, 'fresh') };
    expect((await done(spawned(['devices', 'add', '--id', 'aq-1', '--profile', 'kerbside/canonical'], env))).code).toBe(
      0,
    );
    const { code, err } = await done(spawned(['devices', 'watch', 'aq-1'], env));
    expect([code, err]).toEqual([3, expect.stringContaining('there is no journal')]);
  });

  test('changes nothing in the journal of a server that stands still', async () => {
    await server.journal.append([]);
    const file = join(data, 'journal.db');
    const [before, size] = [readFileSync(file), statSync(file).size];
    await kerbside('devices', 'watch', 'aq-1', '--last', '3', '--events', '3');
    expect(statSync(file).size).toBe(size);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(server.registry.device({ by: 'id', value: deviceId('aq-1') })).toBeDefined();
  });
});

describe('kerbside profiles try', () => {
  test('shows what a profile makes of a payload, and ends with 5 where it is refused', async () => {
    const good = await kerbside('profiles', 'try', 'kerbside/canonical', '--json-message', '{"pm2_5": 7}', '--json');
    expect([good.code, linesOf(good.out)]).toMatchObject([
      0,
      [{ id: null, profile: 'kerbside/canonical', readings: [{ values: [{ value: 7 }] }] }],
    ]);
    const bad = await kerbside('profiles', 'try', 'milesight/vs133', '--hex', '00 01', '--port', '85');
    expect(bad.code).toBe(5);
    expect(bad.out).toContain('REFUSED   at decode, codec-error');
    expect(bad.out).toContain('port 85');
  });

  test('takes the folder of a profile that is not installed, a codec alone, and a payload in a file', async () => {
    const mine = join(folder, 'mine', 'acme', 'walkby');
    mkdirSync(join(mine, '..'), { recursive: true });
    cpSync(join(ownCatalogue, '_example', 'lorawan-device'), mine, { recursive: true });
    writeFileSync(
      join(mine, 'profile.yaml'),
      readFileSync(join(mine, 'profile.yaml'), 'utf8').replace('example/lorawan-device', 'acme/walkby'),
    );
    writeFileSync(join(folder, 'payload'), Buffer.from('00', 'hex'));
    const copy = join(folder, 'as-it-was');
    cpSync(mine, copy, { recursive: true });
    const copied = await kerbside('profiles', 'compare', copy, mine, '--hex', '00', '--port', '10', '--json');
    expect([copied.code, linesOf(copied.out)]).toMatchObject([
      0,
      [{ a: { profile: 'acme/walkby' }, compared: 1, same: 1 }],
    ]);
    const refused = await kerbside('profiles', 'try', mine, '--file', 'payload', '--port', '10', '--json');
    expect([refused.code, linesOf(refused.out)]).toMatchObject([5, [{ profile: 'acme/walkby', hex: '00' }]]);
    writeFileSync(
      join(folder, 'codec.js'),
      'function decodeUplink(i) { return { data: { pm2_5: i.bytes[0] }, warnings: ["old"] }; }',
    );
    const codec = await kerbside('profiles', 'try', 'codec.js', '--hex', '05', '--json');
    expect([codec.code, linesOf(codec.out)]).toMatchObject([
      0,
      [{ warnings: ['old'], readings: [{ values: [{ value: 5 }] }] }],
    ]);
  });

  test.each([
    [['acme/none', '--hex', '00'], 3, 'is no installed profile'],
    [['elsys/ers-em', '--hex', '00'], 3, 'did you mean elsys/ers-ems'],
    [['kerbside/canonical'], 2, 'give a payload'],
    [['kerbside/canonical', '--hex', '0'], 2, 'each byte has two'],
    [['kerbside/canonical', '--json-message', '{'], 2, 'is no JSON'],
    [['kerbside/canonical', '--file', 'none'], 3, 'cannot be read'],
    [['kerbside/canonical', '--hex', '00', '--port', '300'], 2, '0 to 255'],
    [['kerbside/canonical', '--hex', '00', '--at', 'noon'], 2, 'is not a time'],
  ])('%j ends with %i and says why', async (words, code, why) => {
    const outcome = await kerbside('profiles', 'try', ...words);
    expect(outcome.err).toContain(why);
    expect([outcome.code, outcome.out]).toEqual([code, '']);
  });
});

describe('kerbside profiles compare', () => {
  const [one, two] = [join(folder, 'one.js'), join(folder, 'two.js')];
  beforeAll(() => {
    writeFileSync(one, 'function decodeUplink(i) { return { data: { pm2_5: i.bytes.length } }; }');
    writeFileSync(two, 'function decodeUplink(i) { return { data: { pm2_5: i.bytes.length + 1 } }; }');
  });

  test('ends with 0 where both say the same of what a device sent', async () => {
    const { code, out } = await kerbside(
      'profiles',
      'compare',
      'kerbside/canonical',
      'kerbside/canonical',
      '--device',
      'aq-1',
      '--last',
      '4',
      '--json',
    );
    expect([code, linesOf(out)]).toMatchObject([0, [{ compared: 4, same: 4, more: true, found: 0 }]]);
  });

  test('ends with 5 where two codecs differ, and shows where', async () => {
    const { code, out } = await kerbside('profiles', 'compare', one, two, '--hex', '0102', '--hex', '03');
    expect(code).toBe(5);
    expect(out).toContain('same 0, different 2, only a refused 0, only b refused 0');
    expect(out).toMatch(/payload 1 +said\.pm2_5 +2 +3/);
  });

  test.each([
    [[one, two], 2, 'give --device, or a payload'],
    [[one, 'nowhere.js', '--hex', '00'], 3, 'no codec'],
    [[one, two, '--device', 'nobody'], 3, 'no device "nobody"'],
    [[one, two, '--device', 'aq-1', '--last', '0'], 2, '1 to 1000'],
  ])('%j ends with %i and says why', async (words, code, why) => {
    const outcome = await kerbside('profiles', 'compare', ...words);
    expect(outcome.err).toContain(why);
    expect([outcome.code, outcome.out]).toEqual([code, '']);
  });
});
