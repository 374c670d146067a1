import { afterAll, expect, it } from 'vitest';
import { startKerbside, type KerbsideServer } from '../servers/index.ts';
import { allObservations, eventually } from './api.ts';
import { openSender } from './sender.ts';

let server: KerbsideServer | undefined;
afterAll(() => server?.stop());

it('a burst without device times, a restart and another burst: each message has its own time and none stands for another', async () => {
  const started = await startKerbside();
  server = started;
  const key = await started.createKey('viewer');
  const { id, token } = await started.addDevice('bursts', 'kerbside/canonical');
  const sender = openSender({ port: started.mqttPort, id, token });
  let n = 0;
  for (const until of [8_000, 16_000]) {
    await sender.connect();
    sender.pump(() => (n < until ? JSON.stringify({ illuminance: (n += 1) }) : undefined));
    await eventually(`${until} messages are acknowledged`, () => Promise.resolve(sender.acknowledged.size === until));
    await started.kill();
    await started.restart();
  }
  await eventually(
    'all are stored',
    async () => (await allObservations(started, key, { device: id })).length === 16_000,
  );
  const values = (await allObservations(started, key, { device: id })).map(({ value }) => value ?? -1);
  expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16_000 }, (_, index) => index + 1));
}, 120_000);
