import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { certificate } from '../contracts/registry/credentials.ts';
import { kerbside } from './command-line.ts';
import { inFolder } from './ground.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 180_000 });

type Tree = Record<string, unknown>;
const treeOf = (out: string): Tree => {
  const tree: unknown = JSON.parse(out);
  return typeof tree === 'object' && tree !== null ? { ...tree } : {};
};

test('a device goes from its box to the skip at the command line, and the audit trail has every step', async () => {
  await inFolder(async (dir) => {
    const json = async (...args: readonly string[]): Promise<Tree> => {
      const { code, out, err } = await kerbside(dir, ...args, '--json');
      expect([args.join(' '), code, err]).toEqual([args.join(' '), 0, '']);
      return treeOf(out);
    };
    const refused = async (...args: readonly string[]): Promise<unknown[]> => {
      const { code, err } = await kerbside(dir, ...args, '--json');
      return [code, treeOf(err)['code']];
    };
    const qr = 'LW:D0:24E124C0002A0001:24E124136B502217:00000000:S6136B5022170';
    const added = await json(
      'devices',
      'add',
      '--qr',
      qr,
      '--id',
      'vs-1',
      '--profile',
      'milesight/vs133',
      '--status',
      'planned',
    );
    expect(added).toEqual({ id: 'vs-1', token: expect.stringMatching(/^[\w-]{32}$/) });
    expect(await json('devices', 'show', 'vs-1')).toMatchObject({
      devEui: '24e124136b502217',
      joinEui: '24e124c0002a0001',
      serial: '6136B5022170',
      status: 'planned',
      deployments: [],
      credentials: [{ kind: 'token' }],
    });
    expect(await json('devices', 'scan', qr)).toMatchObject({ kind: 'tr005', devices: ['vs-1'] });
    await json(
      'devices',
      'change',
      'vs-1',
      '--name',
      'Column 14',
      '--variable',
      'height=3',
      '--variable',
      'offset=1',
      '--serial',
      '',
    );
    expect(
      await json('devices', 'deploy', 'vs-1', '--site', 'mersey-square', '--from', '2026-01-01', '--to', '2026-02-01'),
    ).toMatchObject({
      site: 'mersey-square',
    });
    await json('devices', 'deploy', 'vs-1', '--site', 'bramhall-lane');
    await json('devices', 'status', 'vs-1', 'commissioned');
    expect(await json('devices', 'replace', 'vs-1', '--id', 'vs-2')).toMatchObject({
      old: 'vs-1',
      device: 'vs-2',
      site: 'bramhall-lane',
      token: expect.any(String),
    });
    expect(await json('devices', 'list', '--status', 'retired')).toMatchObject({
      devices: [{ id: 'vs-1', name: 'Column 14' }],
    });
    await json('devices', 'withdraw', 'vs-2');
    expect(await json('devices', 'rotate-token', 'vs-2', '--keep-old', '12h')).toEqual({
      id: 'vs-2',
      token: expect.any(String),
    });
    await writeFile(join(dir, 'vs-2.pem'), certificate());
    await json('devices', 'certificate', 'vs-2', 'vs-2.pem');
    const { credentials } = await json('devices', 'credentials', 'vs-2');
    expect(credentials).toMatchObject([{ kind: 'token' }, { kind: 'token' }, { kind: 'certificate' }]);
    expect((await json('devices', 'revoke', 'vs-2', 'all'))['revoked']).toHaveLength(3);
    expect(await json('devices', 'claims')).toEqual({ claims: [] });

    expect(await refused('devices', 'status', 'vs-1', 'installed')).toEqual([4, 'status-refused']);
    expect(await refused('devices', 'replace', 'vs-2')).toEqual([2, 'successor-missing']);
    expect(await refused('devices', 'change', 'vs-2')).toEqual([2, 'change-missing']);
    expect(await refused('devices', 'certificate', 'vs-2', 'nowhere.pem')).toEqual([2, 'file-unreadable']);
    expect(await refused('devices', 'add', '--qr', '24E124136B502217')).toEqual([2, 'device-incomplete']);
    expect(await refused('devices', 'scan', 'https://example.org')).toEqual([2, 'scan-refused']);
    expect(await refused('devices', 'claim', 'kerb-1', '--profile', 'kerbside/canonical')).toEqual([
      3,
      'claim-unknown',
    ]);
    expect(await refused('devices', 'deploy', 'vs-2', '--site', 'x', '--from', 'tomorrow')).toEqual([
      2,
      'time-invalid',
    ]);

    await json('devices', 'add', '--id', 'tp-1', '--profile', 'milesight/vs133');
    const told = async (...words: readonly string[]) => (await kerbside(dir, ...words)).out;
    expect(await told('devices', 'deploy', 'tp-1', '--site', 'x', '--from', '2026-01-01', '--to', '2026-02-01')).toBe(
      'tp-1 stood at x from 2026-01-01T00:00:00.000Z to 2026-02-01T00:00:00.000Z\n',
    );
    expect(await told('devices', 'deploy', 'tp-1', '--site', 'y', '--from', '2026-02-01')).toContain(
      'tp-1 stands at y from 2026-02-01',
    );
    expect(await told('devices', 'rotate-token', 'tp-1')).toMatch(
      /\nThe token before it is good until 20\d\d-.*; any earlier one has ended\.\n$/,
    );
    expect(await told('devices', 'rotate-token', 'tp-1', '--keep-old', '0')).not.toContain('before it');

    const { entries } = await json('audit', '--subject', 'device:vs-1');
    const lines = Array.isArray(entries) ? entries.map((entry: Tree) => String(entry['action'])).reverse() : [];
    expect(lines).toEqual([
      'device-added',
      'device-changed',
      'deployed',
      'deployed',
      'status-changed',
      'device-replaced',
    ]);
    const { out } = await kerbside(dir, 'audit', '--limit', '3');
    expect(
      out
        .split('\n')
        .slice(1, 4)
        .every((line) => line.includes(`${userInfo().username} (command line)`)),
    ).toBe(true);
  });
});

test('an error is a sentence, unless JSON was asked for: where --json carries a command it is not', async () => {
  await inFolder(async (dir) => {
    const given = await kerbside(dir, 'devices', 'downlink', '--json', '{"intervall":1}', 'counter-9');
    expect([given.code, given.err]).toEqual([3, expect.stringMatching(/^kerbside: .*counter-9/)]);
    const asked = await kerbside(dir, 'devices', 'downlinks', 'counter-9', '--json');
    expect([asked.code, JSON.parse(asked.err)]).toMatchObject([3, { code: 'device-unknown' }]);
    // After a mistake in the words themselves it is commander that speaks, to people.
    expect((await kerbside(dir, 'devices', 'downlinks', '--json')).err).toMatch(/^error: missing required argument/);
  });
});

test('the health of devices calls missed frames missed', async () => {
  await inFolder(async (dir) => {
    await kerbside(dir, 'devices', 'add', '--id', 'tp-1', '--profile', 'milesight/vs133');
    const { out } = await kerbside(dir, 'devices', 'health', 'tp-1');
    expect(out).toContain('FRAMES MISSED 7D');
    expect(out).not.toMatch(/lost/i);
  });
});
