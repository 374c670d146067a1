import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  needs,
  startInfluxdb,
  startMosquitto,
  startProxy,
  type FaultProxy,
  type InfluxdbServer,
  type MosquittoServer,
} from './index.ts';

/** Each on a connection of its own: one that is kept alive would carry an earlier fault into the next question. */
const ping = (url: string, ms = 2000): Promise<number> =>
  fetch(`${url}/ping`, { signal: AbortSignal.timeout(ms), headers: { connection: 'close' } }).then(
    ({ status }) => status,
  );

needs('influxd')('a real InfluxDB for tests', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());

  test('answers on a port of its own', async () => {
    expect(await ping(influx.url)).toBe(204);
  });

  test('hangs while it is paused, and answers when it is resumed', async () => {
    await influx.pause();
    await expect(ping(influx.url, 300)).rejects.toThrow(/timeout/i);
    influx.resume();
    expect(await ping(influx.url)).toBe(204);
  });

  test('keeps what it had through a kill and a restart, on the same port', async () => {
    const query = (q: string) =>
      fetch(`${influx.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) }).then((answer) =>
        answer.text(),
      );
    await query('CREATE DATABASE kept');
    await influx.kill();
    await expect(ping(influx.url)).rejects.toThrow(/fetch failed/);
    await influx.restart();
    expect(await query('SHOW DATABASES')).toContain('kept');
  });
});

needs('mosquitto')('a real Mosquitto for tests', () => {
  let mosquitto: MosquittoServer;
  beforeAll(async () => {
    mosquitto = await startMosquitto({ config: ['max_inflight_messages 1'] });
  });
  afterAll(() => mosquitto.stop());

  test.each([4, 5] as const)('speaks MQTT protocol level %i', async (protocolVersion) => {
    const client = await connectAsync(mosquitto.url, { protocolVersion });
    expect(client.connected).toBe(true);
    await client.endAsync();
  });
});

needs('mosquitto')('a server that cannot start', () => {
  test('is an error in its own words', async () => {
    await expect(startMosquitto({ config: ['no_such_option 1'] })).rejects.toThrow(/no_such_option/);
  });
});

needs('influxd')('a proxy with faults', () => {
  let influx: InfluxdbServer;
  let proxy: FaultProxy;
  beforeAll(async () => {
    influx = await startInfluxdb();
    proxy = await startProxy(influx);
  });
  afterAll(async () => {
    await proxy.stop();
    await influx.stop();
  });
  const through = (ms?: number) => ping(`http://127.0.0.1:${proxy.port}`, ms);

  describe.each([
    ['refuse', /ECONNREFUSED/],
    ['reset', /ECONNRESET|other side closed/],
    ['cut-answer', /ECONNRESET|other side closed/],
    ['hang', /timeout/i],
    ['deaf', /timeout/i],
  ] as const)('in mode %s', (mode, fault) => {
    test('shows the fault, and is whole again afterwards', async () => {
      await proxy.mode(mode);
      const error: unknown = await through(300).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(Error);
      expect(error instanceof Error ? `${error.message} ${String(error.cause)}` : '').toMatch(fault);
      await proxy.mode('pass');
      expect(await through()).toBe(204);
    });
  });

  test('holds answers back', async () => {
    await proxy.mode('delay', { delayMs: 100 });
    const begun = performance.now();
    expect(await through()).toBe(204);
    expect(performance.now() - begun).toBeGreaterThan(190);
    await proxy.mode('pass');
  });
});
