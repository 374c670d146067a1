import { afterAll, beforeAll, expect, it } from 'vitest';
import { needs, startInfluxdb, startKerbside, type InfluxdbServer, type KerbsideServer } from '../servers/index.ts';
import { allObservations, counted, eventually } from './api.ts';
import { openSender } from './sender.ts';

needs('influxd')('a server over InfluxDB', () => {
  let influx: InfluxdbServer;
  let server: KerbsideServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
    server = await startKerbside({
      KERBSIDE_TIMESERIES_BACKEND: 'influxdb',
      KERBSIDE_INFLUXDB_URL: influx.url,
      KERBSIDE_INFLUXDB_DATABASE: 'street',
      KERBSIDE_INFLUXDB_TIMEOUT_MS: '1000',
    });
  });
  afterAll(async () => {
    await server?.stop();
    await influx?.stop();
  });

  it('goes on acknowledging while InfluxDB is down or frozen, and the backlog drains in order, once, when it is back', async () => {
    const key = await server.createKey('viewer');
    const { id, token } = await server.addDevice('steady', 'kerbside/canonical');
    const sender = openSender({ port: server.mqttPort, id, token });
    await sender.connect();
    let n = 0;
    const send = async (count: number): Promise<void> => {
      const until = n + count;
      sender.pump(() =>
        n < until ? JSON.stringify({ illuminance: (n += 1), pm2_5: n % 7 === 0 ? null : 12.5 }) : undefined,
      );
      await eventually(
        `${until} messages are acknowledged`,
        () => Promise.resolve(sender.acknowledged.size === until),
        10_000,
      );
    };
    await send(100);
    await influx.kill();
    await send(200);
    await influx.restart();
    await send(50);
    await influx.pause();
    await send(200);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await counted(server, 'kerbside_journal_backlog')).toBeGreaterThan(0);
    influx.resume();
    await eventually(
      'the backlog has drained',
      async () => (await counted(server, 'kerbside_journal_backlog')) === 0,
      60_000,
    );
    const stored = await allObservations(server, key, { device: id, quantity: 'illuminance' });
    expect(stored.map(({ value }) => value)).toEqual(Array.from({ length: 550 }, (_, index) => index + 1));
    const absent = (await allObservations(server, key, { device: id, quantity: 'pm2_5' })).filter(
      ({ value }) => value === null,
    );
    expect(absent.length).toBe(Math.floor(550 / 7));
    expect(new Set(absent.map(({ flag, reason }) => `${flag} ${reason}`))).toEqual(new Set(['9 missing']));
    const [received, handled] = await Promise.all([
      counted(server, 'kerbside_uplinks_received_total'),
      counted(server, 'kerbside_uplinks_total'),
    ]);
    expect([received, handled]).toEqual([550, 550]);
  }, 120_000);
});
