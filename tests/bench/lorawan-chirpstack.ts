import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import { freePort } from '../servers/daemon.ts';
import { startMosquitto } from '../servers/mosquitto.ts';
import { own } from './owned.ts';
import { startServer } from './server.ts';
import { UNLIMITED } from './subjects/mosquitto.ts';
import { median } from './sums.ts';

/**
 * How ChirpStack's events fare, beside the same readings at the plain MQTT door, and two bounds that say where the
 * difference lies: the way through a broker alone, and the reading of the events' JSON alone.
 */
export interface ChirpstackFigures {
  readonly devices: number;
  /** Messages of one round. */
  readonly events: number;
  /** Bytes of one event, and of one reading at the plain door. */
  readonly eventBytes: number;
  readonly readingBytes: number;
  /** From the first PUBLISH to when all are stored; each round, and the median. */
  readonly rounds: { readonly [W in Way]: readonly number[] };
  readonly chirpstackPerSecond: number;
  readonly mqttPerSecond: number;
  /** The same readings through the same broker, at the door for a broker of somebody else's. */
  readonly externalPerSecond: number;
  /** Events that one core turns from UTF-8 into objects, and does nothing else. */
  readonly jsonPerSecond: number;
  readonly lost: number;
}

const WAYS = ['chirpstack', 'mqtt', 'external'] as const;
type Way = (typeof WAYS)[number];

export interface ChirpstackSettings {
  readonly rounds: number;
  readonly events: number;
}
export const CHIRPSTACK_FULL: ChirpstackSettings = { rounds: 5, events: 40_000 };
export const CHIRPSTACK_QUICK: ChirpstackSettings = { rounds: 2, events: 15_000 };

const DEVICES = 100;
/** PUBLISH packets that wait for their acknowledgement: all connections of the ingest bench together have as many. */
const WINDOW = 2_000;
const ALL_STORED_WITHIN_MS = 60_000;
const APPLICATION = '17c82e96-be03-4f38-aef3-f83d48582d97';
const euiOf = (n: number): string => `70b3d57ed${n.toString(16).padStart(7, '0')}`;

/**
 * One reading of five values, the same at both doors: what is compared are the doors. Each device's values wander as air
 * does, a tenth at a time up and down again, because what leaps is judged twice.
 */
const readingOf = (n: number): string => {
  const step = Math.floor(n / DEVICES) % 40;
  const tenths = 100 + (n % DEVICES) + Math.min(step, 40 - step);
  return `{"pm2_5":${(tenths / 10).toFixed(1)},"pm10":31.5,"no2":33.2,"temperature":12.4,"humidity":71,"time":${START + n}}`;
};
const START = Date.UTC(2026, 9, 1);

/**
 * An `up` event as ChirpStack 4 publishes it: two gateways, all that it knows of the device, a codec's object.
 * @param n counts all of them; each device counts its own frames.
 */
const eventOf = (n: number): string =>
  JSON.stringify({
    deduplicationId: `3ac7e3c4-4401-4b8d-9386-${n.toString(16).padStart(12, '0')}`,
    time: `${new Date(START + n).toISOString().slice(0, -1)}023242+00:00`,
    deviceInfo: {
      tenantId: '52f14cd4-c6f1-4fbd-8f87-4025e1d49242',
      tenantName: 'Council',
      applicationId: APPLICATION,
      applicationName: 'Street sensors',
      deviceProfileId: '14855bf7-d10d-4aee-b618-ebfcb64dc7ad',
      deviceProfileName: 'Air quality',
      deviceName: `column-${n % DEVICES}`,
      devEui: euiOf(n % DEVICES),
      deviceClassEnabled: 'CLASS_A',
      tags: { street: 'Wellington Road South' },
    },
    devAddr: (0x01234500 + (n % DEVICES)).toString(16).padStart(8, '0'),
    adr: true,
    dr: 5,
    fCnt: Math.floor(n / DEVICES),
    fPort: 2,
    confirmed: false,
    data: Buffer.from(readingOf(n)).toString('base64'),
    object: { pm2_5: 12.4 },
    rxInfo: [0, 1].map((gateway) => ({
      gatewayId: `0016c001f153a1${gateway}c`,
      uplinkId: 4_217_106_255 - (n % 1000),
      nsTime: `${new Date(START + n).toISOString().slice(0, -1)}912345+00:00`,
      rssi: -97 + gateway,
      snr: 7.5 - gateway,
      channel: 3,
      location: { latitude: 53.4083, longitude: -2.1494, altitude: 20 },
      context: 'E3OWOQ==',
      metadata: { region_common_name: 'EU868', region_config_id: 'eu868' },
      crcStatus: 'CRC_OK',
    })),
    txInfo: {
      frequency: 867_100_000,
      modulation: { lora: { bandwidth: 125_000, spreadingFactor: 7, codeRate: 'CR_4_5' } },
    },
    regionConfigId: 'eu868',
  });

export const benchChirpstack = async (
  { rounds, events }: ChirpstackSettings,
  say: (progress: string) => void,
): Promise<ChirpstackFigures> => {
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-bench-'));
  const remove = own(() => rm(folder, { recursive: true, force: true }));
  const tokens = await register(folder);
  const mosquitto = await startMosquitto({ config: UNLIMITED });
  const stopMosquitto = own(() => mosquitto.stop());
  const mqttPort = await freePort();
  const server = await startServer(folder, {
    KERBSIDE_MQTT_PORT: String(mqttPort),
    KERBSIDE_CHIRPSTACK_MQTT_URL: mosquitto.url,
    KERBSIDE_EXTERNAL_MQTT_URL: mosquitto.url,
  });
  try {
    const broker = [await signIn(mosquitto.port, { clientId: 'chirpstack' })];
    const doors = await Promise.all(
      tokens.map(({ id, token }) => signIn(mqttPort, { clientId: id, username: id, password: token })),
    );
    const topic = (n: number): string => `application/${APPLICATION}/device/${euiOf(n % DEVICES)}/event/up`;
    const plain = (n: number): string => `devices/plain-${n % DEVICES}/up`;
    let next = 0;
    let lost = 0;
    const round = async (lines: readonly Line[], of: (n: number) => Publish, count: number): Promise<number> => {
      // Made before: the sender must not be what is measured.
      const packets = packetsOf(Array.from({ length: count }, (_, n) => of(next + n)));
      next += count;
      const before = await server.stored();
      const begun = performance.now();
      await publish(lines, packets);
      let stored = 0;
      while (stored < count && performance.now() - begun < ALL_STORED_WITHIN_MS) {
        stored = (await server.stored()) - before;
        if (stored < count) await pause(20);
      }
      lost += count - stored;
      return (stored * 1000) / (performance.now() - begun);
    };
    const ways: { readonly [W in Way]: () => Promise<number> } = {
      chirpstack: () => round(broker, (n) => ({ topic: topic(n), payload: eventOf(n), line: 0 }), events),
      mqtt: () => round(doors, (n) => ({ topic: plain(n), payload: readingOf(n), line: n % DEVICES }), events),
      external: () => round(broker, (n) => ({ topic: plain(n), payload: readingOf(n), line: 0 }), events),
    };
    const perSecond: { readonly [W in Way]: number[] } = { chirpstack: [], mqtt: [], external: [] };
    // The first round of each warms up, and is not counted.
    for (let n = 0; n <= rounds; n += 1) {
      for (const way of WAYS) {
        const rate = await ways[way]();
        if (n > 0) perSecond[way].push(rate);
      }
      if (n === 0) continue;
      const [chirpstack, mqtt, external] = WAYS.map((way) => Math.round(perSecond[way].at(-1) ?? 0));
      say(
        `round ${n}: ${chirpstack} ChirpStack events/s, ${mqtt} messages/s at the plain door, ${external} by the same broker`,
      );
    }
    for (const { socket } of [...broker, ...doors]) socket.destroy();
    return {
      devices: DEVICES,
      events,
      eventBytes: eventOf(next).length,
      readingBytes: readingOf(next).length,
      rounds: perSecond,
      chirpstackPerSecond: median(perSecond.chirpstack),
      mqttPerSecond: median(perSecond.mqtt),
      externalPerSecond: median(perSecond.external),
      jsonPerSecond: jsonAlone(events),
      lost,
    };
  } finally {
    await server.stop();
    await stopMosquitto();
    await remove();
  }
};

/** The least that anybody does with an event: the bytes become text, the text becomes objects. */
const jsonAlone = (events: number): number => {
  const messages = Array.from({ length: events }, (_, n) => Buffer.from(eventOf(n)));
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let read = 0;
  const begun = performance.now();
  for (const message of messages) {
    const event: unknown = JSON.parse(utf8.decode(message));
    if (typeof event === 'object') read += 1;
  }
  return (read * 1000) / (performance.now() - begun);
};

const register = async (folder: string): Promise<readonly { readonly id: string; readonly token: string }[]> => {
  const catalogue = await openCatalogue([ownCatalogue]);
  const registry = await openRegistryIn(openDataFolder(folder).path, {
    clock: systemClock,
    log: openLog('silent'),
    catalogue,
  });
  try {
    const all = Array.from({ length: DEVICES }, (_, n) => n);
    const profile = 'kerbside/canonical';
    await registry.addDevices(all.map((n) => ({ id: `lora-${n}`, profile, devEui: euiOf(n), site: `column-${n}` })));
    const added = await registry.addDevices(all.map((n) => ({ id: `plain-${n}`, profile, site: `column-${n}` })));
    return added.map(({ device, token }) => ({ id: device.id, token }));
  } finally {
    await registry.close();
    await catalogue.close();
  }
};

interface Publish {
  readonly topic: string;
  readonly payload: string;
  readonly line: number;
}

interface Line {
  readonly socket: Socket;
  /** Called with each chunk that comes. */
  onData: (chunk: Buffer) => void;
}

const signIn = async (
  port: number,
  who: { readonly clientId: string; readonly username?: string; readonly password?: string },
): Promise<Line> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const { clientId, username, password } = who;
  const credentials =
    username === undefined || password === undefined ? {} : { username, password: Buffer.from(password) };
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId,
      keepalive: 1800,
      ...credentials,
    }),
  );
  const [connack]: unknown[] = await once(socket, 'data');
  if (!Buffer.isBuffer(connack) || connack[3] !== 0) throw new Error(`${clientId} was refused`);
  const line: Line = { socket, onData: () => {} };
  socket.on('data', (chunk: Buffer) => line.onData(chunk));
  return line;
};

interface Packet {
  readonly bytes: Buffer;
  readonly line: number;
}

/** Each line numbers its own. */
const packetsOf = (messages: readonly Publish[]): readonly Packet[] => {
  const ids = new Map<number, number>();
  return messages.map(({ topic, payload, line }) => {
    const messageId = ((ids.get(line) ?? 0) % 65_535) + 1;
    ids.set(line, messageId);
    return { line, bytes: generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false }) };
  });
};

/** All of them, at QoS 1, as fast as acknowledgements come; resolves when the last is acknowledged. */
const publish = async (lines: readonly Line[], packets: readonly Packet[]): Promise<void> => {
  let [sent, acked] = [0, 0];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refill = (): void => {
    const due = new Map<number, Buffer[]>();
    for (; sent < packets.length && sent - acked < WINDOW; sent += 1) {
      const packet = packets[sent];
      if (packet === undefined) break;
      const { line, bytes } = packet;
      const waiting = due.get(line);
      if (waiting === undefined) due.set(line, [bytes]);
      else waiting.push(bytes);
    }
    for (const [line, some] of due) lines[line]?.socket.write(Buffer.concat(some));
  };
  for (const line of lines) {
    let rest = 0;
    line.onData = (chunk) => {
      // Nothing but PUBACKs comes, of four bytes each.
      const bytes = rest + chunk.length;
      acked += Math.floor(bytes / 4);
      rest = bytes % 4;
      if (acked >= packets.length) resolve();
      else if (sent - acked < WINDOW / 2) refill();
    };
    line.socket.once('close', () => reject(new Error('a connection was closed')));
  }
  refill();
  await promise;
};
