import mqtt from 'mqtt';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openMqttDoor } from '../../gateway/mqtt/door.ts';
import { openReceipt } from '../../gateway/receipt.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openHouse, until } from '../dashboard/house.ts';
import { freePort } from '../servers/daemon.ts';

it('what a gateway forwards for a device that nobody registered waits, is claimed, and becomes readings', async () => {
  const house = await openHouse();
  onTestFinished(() => house.close());
  const { registry, journal, metrics, timeseries } = house;
  const door = await openMqttDoor({
    config: readConfig({ env: { KERBSIDE_MQTT_PORT: String(await freePort()) } }),
    registry,
    journal,
    metrics,
    receipt: openReceipt(systemClock),
    clock: systemClock,
    log: openLog('silent'),
  });
  onTestFinished(() => door.close());
  const { token } = await registry.addDevice({ id: 'box-1', profile: 'kerbside/canonical', speaksFor: ['aq-*'] });
  const box = await mqtt.connectAsync(door.url ?? '', { clientId: 'box-1', username: 'box-1', password: token }, false);
  onTestFinished(() => box.endAsync(true));
  const topic = 'gateways/box-1/devices/aq-new/up';
  for (const pm of [7, 8]) await box.publishAsync(topic, JSON.stringify({ pm2_5: pm }), { qos: 1 });
  await until(async () => (await registry.quarantineCount()) === 2, 'both are in the quarantine');

  expect(await registry.claims()).toEqual([expect.objectContaining({ via: 'box-1', device: 'aq-new', uplinks: 2 })]);
  const administrator = { key: house.keys.administrator };
  const quarantine = await house.ask('/api/v1/quarantine?device=aq-new', administrator);
  expect(quarantine.json).toMatchObject({
    quarantined: [8, 7].map((pm) => ({
      device: 'aq-new',
      reason: 'device-unknown',
      detail: 'no device with id aq-new is registered: box-1 speaks for it, so it waits to be claimed',
      uplink: { via: 'box-1', connector: 'mqtt', hex: Buffer.from(`{"pm2_5":${pm}}`).toString('hex') },
    })),
  });

  await registry.addDevice({ id: 'aq-new', profile: 'kerbside/canonical', site: 'mersey-square' });
  await until(async () => (await registry.quarantineCount()) === 0, 'what waited comes in by itself');
  await box.publishAsync(topic, '{"pm2_5":9}', { qos: 1 });
  await until(() => journal.stats().backlog === 0, 'the third is stored too');

  const { observations } = await timeseries.range({ limit: 10 });
  const values = observations.map(
    ({ device, site, value }) => `${device} at ${site}: ${value.kind === 'measured' ? value.value : value.kind}`,
  );
  expect(values.toSorted()).toEqual([7, 8, 9].map((pm) => `aq-new at mersey-square: ${pm}`));
  const uplinks = await house.ask('/api/v1/devices/aq-new/uplinks');
  expect(uplinks.json).toMatchObject({ uplinks: [9, 8, 7].map(() => ({ via: 'box-1' })) });
  expect([await registry.claims(), await registry.quarantineCount()]).toEqual([[], 0]);

  await house.say('aq-new', { pm2_5: 10 });
  const own = await house.ask('/api/v1/devices/aq-new/uplinks?limit=1');
  expect(own.json).toMatchObject({ uplinks: [{ via: null }] });
});
