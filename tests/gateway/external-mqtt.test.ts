import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openExternalMqtt } from '../../gateway/mqtt/external.ts';
import type { Source } from '../../gateway/mqtt/source.ts';
import { ReturnCode } from '../../infra/broker/refusals.ts';
import { JournalFull, type Journal } from '../../infra/journal/contract.ts';
import { needs, startMosquitto } from '../servers/index.ts';
import type { MosquittoServer } from '../servers/mosquitto.ts';
import { openGround, text, type Ground } from './ground.ts';
import { journalBut } from './journal-but.ts';
import { openTestBroker } from './open-broker.ts';

const patiently = { timeout: 15_000, interval: 20 };

interface Neighbour extends Ground {
  readonly mosquitto: MosquittoServer;
  readonly publisher: MqttClient;
  open(changes?: {
    readonly settings?: Record<string, string>;
    readonly changed?: (journal: Journal) => Journal;
  }): Promise<Source>;
  send(
    topic: string,
    payload: string | Buffer,
    options?: { readonly retain?: boolean; readonly qos?: 0 | 1 },
  ): Promise<unknown>;
}

/** A council's own Mosquitto, one of its devices, and us as a client. */
const openNeighbour = async ({
  protocol = '3.1.1',
  config = [],
}: { readonly protocol?: string; readonly config?: readonly string[] } = {}): Promise<Neighbour> => {
  const ground = await openGround();
  const mosquitto = await startMosquitto({ config });
  onTestFinished(() => mosquitto.stop());
  const publisher = mqtt.connect(mosquitto.url, { reconnectPeriod: 100 });
  publisher.on('error', () => {});
  onTestFinished(() => publisher.endAsync(true));
  return {
    ...ground,
    mosquitto,
    publisher,
    open: async ({ settings = {}, changed = (journal: Journal) => journal } = {}) => {
      const environment = {
        KERBSIDE_EXTERNAL_MQTT_URL: mosquitto.url,
        KERBSIDE_EXTERNAL_MQTT_PROTOCOL: protocol,
        ...settings,
      };
      const door = openExternalMqtt({
        ...ground,
        journal: changed(ground.journal),
        config: ground.config(environment),
      });
      onTestFinished(() => door.close());
      return door;
    },
    send: (topic, payload, { retain = false, qos = 1 } = {}) => publisher.publishAsync(topic, payload, { qos, retain }),
  };
};

const subscribed = (door: Source): Promise<void> => vi.waitFor(() => expect(door.subscribed).toBe(true), patiently);

const gaps = async ({ metrics }: Ground, reason: string): Promise<number> =>
  (await metrics.gaps.get()).values.find(
    ({ labels }) => labels.connector === 'external-mqtt' && labels.reason === reason,
  )?.value ?? 0;

needs('mosquitto')('an external broker', () => {
  describe.each(['3.1.1', '5'])('with MQTT %s', (protocol) => {
    it("brings its devices' messages, known to us or not, in their order, many to a commit", async () => {
      const street = await openNeighbour({ protocol });
      let commits = 0;
      const door = await street.open({
        changed: (real) =>
          journalBut(real, {
            append: (uplinks) => {
              commits += 1;
              return real.append(uplinks);
            },
          }),
      });
      await subscribed(door);
      const bodies = Array.from({ length: 500 }, (_, index) => String(index));
      await Promise.all(bodies.map((body) => street.send('devices/air-1/up', body)));
      await vi.waitFor(async () => expect(await street.kept()).toHaveLength(500), patiently);
      const kept = await street.kept();
      expect(kept.map(text)).toEqual(bodies);
      expect(kept[0]).toMatchObject({
        connector: 'external-mqtt',
        device: { by: 'id', value: 'air-1' },
        redelivered: false,
      });
      expect(commits).toBeLessThan(250);
    });

    it('keeps for us what arrives while we are away', async () => {
      const street = await openNeighbour({ protocol });
      const first = await street.open();
      await subscribed(first);
      await first.close();
      await street.send('devices/air-1/up', 'while away');
      await street.open();
      await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['while away']), patiently);
    });

    it('sends again what we had not committed when we were killed, and it is kept once', async () => {
      const street = await openNeighbour({ protocol });
      const child = fork(new URL('external-process.ts', import.meta.url), {
        env: {
          ...process.env,
          KERBSIDE_EXTERNAL_MQTT_URL: street.mosquitto.url,
          KERBSIDE_EXTERNAL_MQTT_PROTOCOL: protocol,
        },
      });
      await once(child, 'message');
      const handed = once(child, 'message');
      await street.send('devices/air-1/up', 'precious');
      await handed;
      child.kill('SIGKILL');
      await once(child, 'exit');
      await street.open();
      await vi.waitFor(async () => expect(await street.kept()).toHaveLength(1), patiently);
      expect((await street.kept()).map((uplink) => [text(uplink), uplink.redelivered])).toEqual([['precious', true]]);
    });

    it('sends again what the journal could not take, and it is kept once; what it took is not sent again', async () => {
      const street = await openNeighbour({ protocol });
      let full = true;
      const door = await street.open({
        changed: (real) =>
          journalBut(real, {
            append: (uplinks) => (full ? Promise.reject(new JournalFull('no room')) : real.append(uplinks)),
          }),
      });
      await subscribed(door);
      await street.send('devices/air-1/up', 'precious');
      await vi.waitFor(
        async () => expect(await street.refused('journal-full', 'external-mqtt')).toBeGreaterThan(0),
        patiently,
      );
      full = false;
      await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['precious']), patiently);
      await door.close();
      const again = await street.open();
      await subscribed(again);
      await street.send('devices/air-1/up', 'next');
      await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['precious', 'next']), patiently);
    });

    it('that is restarted is found again, and a session that it forgot is noticed', async () => {
      const street = await openNeighbour({ protocol });
      const door = await street.open();
      await subscribed(door);
      await street.mosquitto.kill();
      await vi.waitFor(() => expect(door.subscribed).toBe(false), patiently);
      await street.mosquitto.restart();
      await subscribed(door);
      await street.send('devices/air-1/up', 'after');
      await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['after']), patiently);
      expect(await gaps(street, 'reconnect')).toBe(1);
      expect(await gaps(street, 'session-lost')).toBe(1);
      expect(street.said().some(({ reason }) => reason === 'session-lost')).toBe(true);
    });

    it('never blocks on a message that cannot be used, and such messages are counted', async () => {
      const street = await openNeighbour({ protocol });
      const door = await street.open();
      await subscribed(door);
      await street.send('devices/no good/up', '1');
      await street.send('devices//up', '2');
      await street.send('devices/air-1/up', Buffer.alloc(65_537));
      await street.send('devices/air-1/up', Buffer.alloc(0));
      await street.send('devices/air-1/up', 'good', { qos: 0 });
      await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['', 'good']), patiently);
      expect(await street.refused('topic-without-device', 'external-mqtt')).toBe(2);
      expect(await street.refused('payload-too-large', 'external-mqtt')).toBe(1);
    });

    it('does not pass its retained messages off as new ones', async () => {
      const street = await openNeighbour({ protocol });
      await street.send('devices/air-1/up', 'of last year', { retain: true });
      const door = await street.open();
      await subscribed(door);
      await street.send('devices/air-1/up', 'of today', { retain: true });
      await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['of today']), patiently);
      expect(await street.refused('retained', 'external-mqtt')).toBe(protocol === '5' ? 0 : 1);
    });
  });

  it('that keeps its sessions on disk has what arrived between its restart and our return', async () => {
    const street = await openNeighbour({ config: ['persistence true', 'persistence_location ./'] });
    const first = await street.open();
    await subscribed(first);
    await first.close();
    await street.send('devices/air-1/up', 'before the restart');
    process.kill(street.mosquitto.pid(), 'SIGUSR1');
    // It writes beside the file and renames.
    const written = join(street.mosquitto.folder, 'mosquitto.db');
    await vi.waitFor(() => expect(existsSync(written)).toBe(true), patiently);
    await street.mosquitto.kill();
    await street.mosquitto.restart();
    await street.open();
    await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['before the restart']), patiently);
  });

  it('that is not there yet is waited for', async () => {
    const street = await openNeighbour();
    await street.mosquitto.kill();
    const door = await street.open();
    await vi.waitFor(
      () => expect(street.said().some(({ reason }) => reason === 'external-error')).toBe(true),
      patiently,
    );
    await street.mosquitto.restart();
    await subscribed(door);
  });
});

const atPort = (port: number): Record<string, string> => ({
  KERBSIDE_EXTERNAL_MQTT_URL: `mqtt://127.0.0.1:${port}`,
  KERBSIDE_EXTERNAL_MQTT_PROTOCOL: '3.1.1',
});

describe('the client of an external broker', () => {
  it('asks again for a subscription that is refused, until it is granted', async () => {
    let granting = false;
    const { port } = await openTestBroker({ authorizeSubscribe: () => granting });
    const ground = await openGround();
    const config = ground.config(atPort(port));
    const door = openExternalMqtt({ ...ground, config });
    onTestFinished(() => door.close());
    await vi.waitFor(
      () => expect(ground.said().some(({ reason }) => reason === 'subscription-refused')).toBe(true),
      patiently,
    );
    expect(door.subscribed).toBe(false);
    granting = true;
    await subscribed(door);
  });

  it('gives its password to the broker and to nobody else', async () => {
    const { port } = await openTestBroker({
      authenticate: ({ username = '', password }) =>
        password === 'open sesame'
          ? { who: { name: username } }
          : { refused: 'credentials-wrong', returnCode: ReturnCode.credentialsWrong, message: 'no' },
    });
    const ground = await openGround();
    const open = (password: string): Source => {
      const config = ground.config({
        ...atPort(port),
        KERBSIDE_EXTERNAL_MQTT_USERNAME: 'us',
        KERBSIDE_EXTERNAL_MQTT_PASSWORD: password,
      });
      const door = openExternalMqtt({ ...ground, config });
      onTestFinished(() => door.close());
      return door;
    };
    const wrong = open('close sesame');
    await vi.waitFor(
      () => expect(ground.said().some(({ reason }) => reason === 'external-error')).toBe(true),
      patiently,
    );
    expect(wrong.subscribed).toBe(false);
    await subscribed(open('open sesame'));
    expect(JSON.stringify(ground.said())).not.toMatch(/(open|close) sesame/);
  });

  it('needs a topic that says where the device id stands', async () => {
    const ground = await openGround();
    const config = ground.config({
      KERBSIDE_EXTERNAL_MQTT_URL: 'mqtt://127.0.0.1:1',
      KERBSIDE_EXTERNAL_MQTT_TOPIC: 'sensors/#',
    });
    expect(() => openExternalMqtt({ ...ground, config })).toThrow(/sensors\/# needs a "\+"/);
  });
});
