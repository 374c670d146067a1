import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deviceId } from '../../../device-profiles/vocabulary/index.ts';
import { start } from '../../../commands/start.ts';
import { readConfig } from '../../../infra/config/index.ts';
import { until } from '../../dashboard/house.ts';
import { freePort } from '../../servers/daemon.ts';
import { fillIn, signedIn } from '../../engineers/engineer.ts';
import { openChirpStackServer, type ChirpStackServer } from './chirpstack-server.ts';
import { appKey, euiOf } from './ground.ts';

/** A whole server beside a ChirpStack, and how both end. */
const besideChirpStack = async (
  work: (running: Awaited<ReturnType<typeof start>>, chirpstack: ChirpStackServer) => Promise<void>,
): Promise<void> => {
  const chirpstack = await openChirpStackServer();
  const dir = await mkdtemp(join(tmpdir(), 'kerbside-following-'));
  const env = {
    KERBSIDE_DATA_DIR: dir,
    KERBSIDE_LOG_LEVEL: 'silent',
    KERBSIDE_HTTP_PORT: String(await freePort()),
    KERBSIDE_MQTT_PORT: '0',
    KERBSIDE_FEEDS_MQTT_PORT: '0',
    KERBSIDE_CHIRPSTACK_API_URL: chirpstack.url,
    KERBSIDE_CHIRPSTACK_API_TOKEN: chirpstack.token,
    KERBSIDE_CHIRPSTACK_APPLICATION_ID: chirpstack.applicationId,
  };
  const running = await start(readConfig({ env }));
  try {
    await work(running, chirpstack);
  } finally {
    chirpstack.faults.next = () => undefined;
    await chirpstack.stop();
    await running.stop();
    await rm(dir, { recursive: true });
  }
};

test(
  'a running server registers what is added, hears that a command was acknowledged, and goes on while the network server is silent',
  async () =>
    besideChirpStack(async (running, chirpstack) => {
      chirpstack.addProfile('milesight/vs133');
      const { registry } = running;
      const counter = deviceId('counter-1');
      await registry.addDevice({ id: counter, profile: 'milesight/vs133', devEui: euiOf(1) });
      await registry.setLorawanKeys(counter, { appKey: appKey(1) });
      await until(() => chirpstack.there(euiOf(1))?.appKey === appKey(1), 'the device is there with its key');
      await registry.sendDownlink(counter, {
        network: 'chirpstack',
        fPort: 85,
        payload: Uint8Array.of(255, 16, 255),
        confirmed: false,
      });
      await until(() => chirpstack.queues.get(euiOf(1))?.length === 1, 'the command is queued there');

      // Its events come in by the other door, and say what became of the command.
      const { secret } = await registry.createKey({ name: 'ChirpStack', role: 'network-server' });
      const queueItemId = chirpstack.queues.get(euiOf(1))?.[0]?.getId() ?? '';
      const acknowledged = await fetch(`${running.urls.http}/api/v1/integrations/chirpstack?event=ack`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          time: '2026-11-23T09:00:00Z',
          deviceInfo: { devEui: euiOf(1) },
          queueItemId,
          acknowledged: true,
          fCntDown: 1,
        }),
      });
      expect(acknowledged.status).toBeLessThan(300);
      await until(
        async () => (await registry.downlinks({ device: counter, limit: 1 }))[0]?.state === 'acknowledged',
        'the command is acknowledged',
      );

      chirpstack.faults.next = () => 'silence';
      await registry.updateDevice(counter, { name: 'Renamed' });
      await until(() => chirpstack.faults.calls.at(-1) === 'Get', 'the network server is asked, and silent');
      await registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical' });
      expect(registry.device({ by: 'id', value: deviceId('aq-1') })).toBeDefined();
    }),
  60_000,
);

test(
  'what a person has mended in the network server is tried again at once when that is said on the page, and not in a minute',
  async () =>
    besideChirpStack(async ({ registry, urls }, chirpstack) => {
      const ada = await signedIn({ registry, url: urls.http ?? '' });
      const counter = deviceId('counter-2');
      await registry.addDevice({ id: counter, profile: 'milesight/vs133', devEui: euiOf(2) });
      await registry.setLorawanKeys(counter, { appKey: appKey(2) });
      const state = async (): Promise<unknown> => (await registry.networkDevices())[0]?.state;
      await until(async () => (await state()) === 'failed', 'the try has failed');
      expect((await registry.networkDevices())[0]?.nextAt).toBeGreaterThan(Date.now() + 30_000);
      const work = await ada.get('/engineer/devices/counter-2');
      expect(work.text).toContain('Try again, or change it');

      chirpstack.addProfile('milesight/vs133');
      const page = await ada.get('/engineer/devices/counter-2/network');
      expect(page.text).toContain('Save and try again');
      await fillIn(ada, page, { network: 'chirpstack' });
      await until(() => chirpstack.there(euiOf(2))?.appKey === appKey(2), 'the device is there with its key');
      await until(async () => (await state()) === 'done', 'that is known here');
      const after = await ada.get('/engineer/devices/counter-2/network');
      expect(after.text).not.toContain('Save and try again');
    }),
  60_000,
);
