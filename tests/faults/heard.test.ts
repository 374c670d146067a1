import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { startKerbside, type KerbsideServer } from '../servers/index.ts';
import { counted, eventually } from './api.ts';
import { openSender } from './sender.ts';

const CYCLES = 5;

const numberIn = (file: string, sql: string): number => {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare(sql).get()?.['n']);
  } finally {
    database.close();
  }
};

describe('who was heard', () => {
  let server: KerbsideServer | undefined;
  afterAll(() => server?.stop());

  it(`is counted once for each uplink of the journal over ${CYCLES} kills, and the command line knows it without a server`, async () => {
    server = await startKerbside();
    const { id, token } = await server.addDevice('heard-1', 'kerbside/canonical');
    await server.addDevice('never-1', 'kerbside/canonical');
    const sender = openSender({ port: server.mqttPort, id, token });
    let sent = 0;
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      await sender.connect();
      sender.pump(() => JSON.stringify({ illuminance: (sent += 1) }));
      await new Promise((resolve) => setTimeout(resolve, 150 + 50 * cycle));
      await server.kill();
      sender.stop();
      await server.restart();
    }
    await sender.connect();
    await sender.drained();
    const running = server;
    await eventually('everything is handled', async () => (await counted(running, 'kerbside_journal_backlog')) === 0);
    // Started with rows of before: the newest are still in memory only.
    expect(await server.cli('devices', 'health', '--state', 'never-heard')).toMatchObject({
      devices: [{ id: 'never-1', state: 'never-heard' }],
    });
    const { pid } = { pid: server.pid() };
    process.kill(pid, 'SIGTERM');
    await eventually('it has ended', () => Promise.resolve(running.output().includes('stopped')), 10_000);
    const journalled = numberIn(join(server.dataDir, 'journal.db'), 'SELECT count(*) AS n FROM uplink');
    const heard = numberIn(join(server.dataDir, 'registry.db'), 'SELECT sum(uplinks) AS n FROM heard_day');
    expect(journalled).toBeGreaterThan(CYCLES * 10);
    expect(heard).toBe(journalled);
    expect(await server.cli('devices', 'health')).toMatchObject({
      devices: [
        { id: 'never-1', state: 'never-heard', heardAt: null },
        { id: 'heard-1', state: 'ok', routes: [{ kind: 'door', name: 'mqtt' }], missed: { '24h': { missed: 0 } } },
      ],
    });
    expect(await server.cli('devices', 'health', 'heard-1')).toMatchObject({ devices: [{ id: 'heard-1' }] });
    await expect(server.cli('devices', 'health', 'nobody')).rejects.toMatchObject({ code: 3 });
    await server.restart();
  }, 120_000);
});
