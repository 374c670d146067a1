import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startKerbside, type KerbsideServer } from '../servers/index.ts';
import { allObservations, eventually } from './api.ts';
import { openSender, type Sender } from './sender.ts';

/** 20 in a test run; `KILL_CYCLES=200 npx vitest run tests/faults/kill.test.ts` for the long one. */
const CYCLES = Number(process.env['KILL_CYCLES'] ?? 20);

describe('kill -9 under load', () => {
  let server: KerbsideServer | undefined;
  afterAll(() => server?.stop());

  it(
    `each acknowledged message is stored, once, over ${CYCLES} cycles`,
    async () => {
      server = await startKerbside({ KERBSIDE_LOG_LEVEL: 'info' });
      const key = await server.createKey('administrator');
      // One device tells the time itself; the other has no clock, so that only the redelivery mark tells a repetition apart.
      const timed = await server.addDevice('timed', 'kerbside/canonical');
      const clockless = await server.addDevice('clockless', 'kerbside/canonical');
      const senders: Sender[] = [timed, clockless].map(({ id, token }) =>
        openSender({ port: server?.mqttPort ?? 0, id, token }),
      );
      const began = Date.now();
      let sent = 0;
      const next = (index: number) => (): string => {
        sent += 1;
        return index === 0
          ? JSON.stringify({ illuminance: sent, time: began - 86_400_000 + sent })
          : JSON.stringify({ illuminance: sent });
      };
      let slowest = 0;
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        for (const [index, sender] of senders.entries()) {
          await sender.connect();
          sender.pump(next(index));
        }
        await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 300));
        await server.kill();
        for (const sender of senders) sender.stop();
        const died = Date.now();
        await server.restart();
        slowest = Math.max(slowest, Date.now() - died);
      }
      for (const sender of senders) {
        await sender.connect();
        await sender.drained();
      }
      const acknowledged = senders.map((sender) =>
        [...sender.acknowledged].map((payload) => (JSON.parse(payload) as { illuminance: number }).illuminance),
      );
      for (const [index, device] of ['timed', 'clockless'].entries()) {
        const want = acknowledged[index] ?? [];
        expect(want.length).toBeGreaterThan(CYCLES * 10);
        await eventually(
          'all acknowledged messages are stored',
          async () => (await allObservations(server ?? never(), key, { device })).length >= want.length,
        );
        const stored = (await allObservations(server, key, { device })).map(({ value }) => value ?? -1);
        expect(stored.toSorted((a, b) => a - b)).toEqual(want.toSorted((a, b) => a - b));
      }
      process.stdout.write(
        `  ${CYCLES} kills, ${acknowledged.flat().length} acknowledged and stored once, slowest restart ${slowest} ms\n`,
      );
      const { dataDir } = server;
      await server.kill();
      for (const file of ['journal.db', 'timeseries.db', 'registry.db']) {
        const database = new DatabaseSync(join(dataDir, file));
        expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
        database.close();
      }
    },
    60_000 + CYCLES * 6_000,
  );
});

const never = (): never => {
  throw new Error('no server');
};
