import { afterAll, describe, expect, it } from 'vitest';
import { startKerbside, type KerbsideServer } from '../servers/index.ts';
import { allObservations, counted, eventually } from './api.ts';
import { openSender } from './sender.ts';

describe('a server that is asked to stop', () => {
  let server: KerbsideServer | undefined;
  afterAll(() => server?.stop());

  it('finishes what it took, ends with code 0 within ten seconds, and loses nothing that it acknowledged', async () => {
    server = await startKerbside();
    const key = await server.createKey('viewer');
    const { id, token } = await server.addDevice('busy', 'kerbside/canonical');
    const sender = openSender({ port: server.mqttPort, id, token });
    await sender.connect();
    let n = 0;
    sender.pump(() => JSON.stringify({ illuminance: (n += 1) }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asked = Date.now();
    const { pid } = { pid: server.pid() };
    process.kill(pid, 'SIGTERM');
    await eventually('the process has ended', () => Promise.resolve(ended(pid)), 10_000);
    sender.stop();
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(server.output()).toContain('stopped');
    await server.restart();
    await sender.connect();
    await sender.drained();
    await eventually(
      'everything acknowledged is stored',
      async () => (await counted(server ?? never(), 'kerbside_journal_backlog')) === 0,
    );
    const stored = await allObservations(server, key, { device: id });
    expect(sender.acknowledged.size).toBeGreaterThan(100);
    expect(stored.length).toBe(sender.acknowledged.size);
  });
});

/** Whether a process is gone, or only waits to be collected. */
const ended = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

const never = (): never => {
  throw new Error('no server');
};
