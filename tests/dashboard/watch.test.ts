import { createServer, get, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WATCHES_AT_MOST } from '../../dashboard/api/watch.ts';
import { openEventStream, STUCK_MS } from '../../dashboard/preview/event-stream.ts';
import { follow, openTurns } from '../../dashboard/preview/follow.ts';
import { openMqttDoor } from '../../gateway/mqtt/door.ts';
import { openReceipt } from '../../gateway/receipt.ts';
import { connectDevice } from '../../commands/senders/mqtt-device.ts';
import { devEui, deviceId, instant, systemClock, uplinkId } from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { Entry } from '../../infra/journal/contract.ts';
import { freePort } from '../servers/daemon.ts';
import { openHouse, until, type House } from './house.ts';
import { watch, type SseReader } from './sse-reader.ts';

let house: House;
let token = '';
beforeAll(async () => {
  house = await openHouse();
  ({ token } = await house.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'wrs-14' }));
  await house.registry.addDevice({ id: 'aq-2', profile: 'kerbside/canonical' });
  await house.registry.addDevice({ id: 'lora-1', profile: 'milesight/vs133', devEui: '24e124136b502217' });
});
afterAll(() => house.close());

const open: SseReader[] = [];
const watching = async (
  ...args: Parameters<typeof watch> extends [House, ...infer Rest] ? Rest : never
): Promise<SseReader> => {
  const reader = await watch(house, ...args);
  open.push(reader);
  return reader;
};
afterEach(() => {
  for (const reader of open.splice(0)) reader.close();
});
const pm = (reader: SseReader): unknown[] =>
  reader.told.map(({ data }) => (data as { said: { pm2_5?: number }[] }).said[0]?.pm2_5);

describe('a watch', () => {
  test("tells each uplink of its device as it comes over MQTT, a refused one too, and nobody else's", async () => {
    const log = openLog('silent');
    const config = readConfig({
      env: { KERBSIDE_MQTT_PORT: String(await freePort()), KERBSIDE_MQTT_HOST: '127.0.0.1' },
    });
    const { registry, journal, metrics } = house;
    const receipt = openReceipt(systemClock, journal.ahead(systemClock.now()));
    const door = await openMqttDoor({
      config,
      registry,
      journal,
      receipt,
      clock: systemClock,
      metrics,
      log,
      httpServer: createServer(),
    });
    const sensor = await connectDevice(door.url ?? '', { id: deviceId('aq-1'), token });
    const reader = await watching('aq-1/watch');
    await sensor.send(Buffer.from(JSON.stringify({ pm2_5: 12, colour: 'red' })));
    await house.say('aq-2', { pm2_5: 99 });
    await sensor.send(Buffer.from('not json'));
    await until(() => reader.told.length >= 2);
    await sensor.close();
    await door.close();
    expect(reader.told.map(({ name }) => name)).toEqual(['uplink', 'uplink']);
    expect(reader.told[0]?.data).toMatchObject({
      connector: 'mqtt',
      device: 'aq-1',
      text: '{"pm2_5":12,"colour":"red"}',
      said: [{ pm2_5: 12, colour: 'red' }],
      unmapped: ['colour'],
      readings: [
        { site: 'wrs-14', clock: 'receipt', values: [{ quantity: 'pm2_5', value: 12, unit: 'ug/m3', flag: 1 }] },
      ],
      refused: null,
    });
    expect(reader.told[1]?.data).toMatchObject({ readings: [], refused: { step: 'decode', reason: 'not-json' } });
  });

  test('hears a LoRaWAN device under its DevEUI, and tells what the gateways heard', async () => {
    const reader = await watching('lora-1/watch');
    await house.journal.append([
      {
        id: uplinkId('l'.repeat(22)),
        redelivered: false,
        connector: 'external-mqtt',
        device: { by: 'devEui', value: devEui('24e124136b502217') },
        receivedAt: house.now(),
        payload: Uint8Array.of(1),
        lorawan: { fPort: 85, fCnt: 7, session: 's', receptions: [{ gateway: 'roof', rssi: -97, snr: 5.5 }] },
      },
    ]);
    await until(() => reader.told.length === 1);
    expect(reader.told[0]?.data).toMatchObject({
      device: 'lora-1',
      fPort: 85,
      fCnt: 7,
      hex: '01',
      gateways: [{ gateway: 'roof', rssi: -97, snr: 5.5, time: null }],
    });
  });

  test('that comes back with the last id it saw is told all that it missed, once and in order', async () => {
    const first = await watching('aq-1/watch');
    for (let n = 1; n <= 3; n += 1) await house.say('aq-1', { pm2_5: n });
    await until(() => first.told.length === 3);
    first.close();
    for (let n = 4; n <= 40; n += 1) {
      await house.say('aq-1', { pm2_5: n });
      if (n % 10 === 0) await house.say('aq-2', { pm2_5: 99 });
    }
    const again = await watching('aq-1/watch', { 'last-event-id': String(first.ids()[1]) });
    await house.say('aq-1', { pm2_5: 41 });
    await until(() => again.told.length >= 39);
    expect(pm(again)).toEqual(Array.from({ length: 39 }, (_, i) => i + 3));
    expect(again.ids()).toEqual(again.ids().toSorted((a, b) => a - b));
  });

  test('can begin with what came before, and end after so many', async () => {
    await house.say('aq-1', { pm2_5: 51 });
    await house.say('aq-1', { pm2_5: 52 });
    const reader = await watching('aq-1/watch?last=2&events=2');
    await until(() => reader.ended());
    expect(pm(reader)).toEqual([51, 52]);
  });

  test.each(['-1', 'x', '1.5', '9'.repeat(16)])(
    'is refused with the id %s, which this stream never gave',
    async (id) => {
      const answer = await fetch(`${house.url}/api/v1/devices/aq-1/watch`, {
        headers: { authorization: `Bearer ${house.keys.viewer}`, 'last-event-id': id },
      });
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'event-id-invalid' }]);
    },
  );

  test('carries the headers that keep it from being kept or held up', async () => {
    const answer = await house.ask('/api/v1/devices/aq-1/watch?last=1&events=1');
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test(`is refused when ${WATCHES_AT_MOST} others run, and let in when one of them ends`, async () => {
    const own = await openHouse();
    await own.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical' });
    const readers = await Promise.all(Array.from({ length: WATCHES_AT_MOST }, () => watch(own, 'aq-1/watch')));
    const refused = await own.ask('/api/v1/devices/aq-1/watch');
    expect([refused.status, refused.json, refused.headers.get('retry-after')]).toMatchObject([
      503,
      { code: 'watches-full' },
      '5',
    ]);
    readers.pop()?.close();
    let late: SseReader | undefined;
    await until(async () => {
      late = await watch(own, 'aq-1/watch').catch(() => undefined);
      return late !== undefined;
    });
    // The server ends all of them when it stops, and waits for none.
    await own.close();
    await until(() => [...readers, late].every((reader) => reader?.ended() ?? true));
  }, 30_000);
});

test('whoever hung up before the stream began holds no place in it', async () => {
  const ended: boolean[] = [];
  const server = createServer((_, response) => {
    response.on('close', () => {
      const stream = openEventStream(response);
      stream.send({ name: 'x', data: 1 });
      ended.push(!stream.open());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const asked = get({ port: typeof address === 'object' ? address?.port : undefined, host: '127.0.0.1' });
  asked.on('error', () => undefined);
  asked.on('socket', (socket) => socket.on('connect', () => setTimeout(() => asked.destroy(), 50)));
  await until(() => ended.length === 1);
  expect(ended).toEqual([true]);
  await once(server.close(), 'close');
});

describe('a reader that stops reading', () => {
  test('is dropped when it is stuck, holds nothing in memory meanwhile, and keeps nobody else from being told', async () => {
    const entries: Entry[] = Array.from({ length: 400 }, (_, i) => ({
      seq: i + 1,
      uplink: {
        id: uplinkId(String(i).padStart(22, 'w')),
        redelivered: false,
        connector: 'mqtt',
        device: { by: 'id', value: deviceId('aq-1') },
        receivedAt: instant(0),
        payload: new Uint8Array(50_000),
      },
    }));
    let asked = 0;
    const journal = {
      following: async ({ after, limit }: { after: number; limit: number }) => {
        asked = Math.max(asked, after);
        const some = entries.filter(({ seq }) => seq > after).slice(0, limit);
        const seen = some.at(-1)?.seq ?? entries.length;
        return { entries: some, seen, more: seen < entries.length };
      },
    };
    const explain: Parameters<typeof follow>[1]['explain'] = async (uplinks) =>
      uplinks.map((uplink) => ({ uplink, said: [], warnings: [], unmapped: [], readings: [] }));
    const parts = { journal, explain, clock: systemClock, turn: openTurns() };
    const names = () => ({ id: deviceId('aq-1') });
    const waiting: number[] = [];
    const responses: ServerResponse[] = [];
    const server = createServer((_, response) => {
      responses.push(response);
      const stream = openEventStream(response, { stuckMs: 1_500 });
      void follow(stream, parts, { device: names, after: 0, events: Number.MAX_SAFE_INTEGER });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    let dropped = false;
    const slow = get(
      { port, host: '127.0.0.1' },
      (answer) =>
        void answer
          .pause()
          .on('close', () => (dropped = true))
          .on('error', () => undefined),
    );
    slow.on('error', () => undefined);
    await until(() => responses.length === 1);
    let taken = 0;
    const quick = get(
      { port, host: '127.0.0.1' },
      (answer) => void answer.on('data', (chunk: Buffer) => (taken += chunk.length)).on('error', () => undefined),
    );
    quick.on('error', () => undefined);
    const total = entries.length * 100_000;
    const [stuck] = responses;
    await until(() => {
      waiting.push(stuck?.writableLength ?? 0);
      return stuck?.destroyed === true && taken > total;
    });
    // What is written goes to the system's own buffers first; of the rest no more than one event ever waits here.
    expect(waiting.length).toBeGreaterThan(10);
    expect(Math.max(...waiting)).toBeLessThan(250_000);
    expect(stuck?.destroyed).toBe(true);
    expect(asked).toBe(entries.length);
    expect(STUCK_MS).toBe(30_000);
    slow.destroy();
    quick.destroy();
    await once(server.close(), 'close');
    expect(dropped || slow.destroyed).toBe(true);
  }, 30_000);

  test('of the real server misses nothing once it comes back', async () => {
    await house.registry.addDevice({ id: 'big-1', profile: 'kerbside/canonical' });
    const slow = await watching('big-1/watch');
    const other = await watching('aq-2/watch');
    slow.stall();
    for (let n = 1; n <= 60; n += 1) await house.say('big-1', { pm2_5: n, filler: 'x'.repeat(100_000) });
    await house.say('aq-2', { pm2_5: 5 });
    await until(() => other.told.length === 1);
    slow.close();
    const back = await watching('big-1/watch', {
      'last-event-id': String(slow.ids().at(-1) ?? (other.ids()[0] ?? 0) - 61),
    });
    await until(() => slow.told.length + back.told.length >= 60);
    expect([...pm(slow), ...pm(back)]).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  }, 30_000);
});
