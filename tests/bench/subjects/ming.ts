import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startDaemon, freePort, type Daemon } from '../../servers/daemon.ts';
import { startInfluxdb } from '../../servers/influxdb.ts';
import { startMosquitto } from '../../servers/mosquitto.ts';
import { topicOf } from '../message.ts';
import { own } from '../owned.ts';
import { deviceIds, type Subject } from '../subject.ts';
import { UNLIMITED } from './mosquitto.ts';

const DATABASE = 'bench';
const MEASUREMENT = 'air_quality';

/** What a project of this kind writes into its function node: topic and message become a point with a time of its own. */
const FUNCTION = `
const { time, ...fields } = msg.payload;
msg.payload = [{ ...fields, time: new Date(time) }, { device: msg.topic.split('/')[1] }];
return msg;
`;

/**
 * Mosquitto, Node-RED and InfluxDB, as councils have them: `mqtt in` (QoS 1) -> `function` -> `influxdb out`.
 * Only the broker's queue is not left at its default, so that it is not the one that loses.
 */
export const startMing = async (devices: number): Promise<Subject> => {
  const mosquitto = await startMosquitto({ config: UNLIMITED });
  const stopMosquitto = own(() => mosquitto.stop());
  const influxdb = await startInfluxdb();
  const stopInfluxdb = own(() => influxdb.stop());
  await query(influxdb.url, 'POST', `CREATE DATABASE ${DATABASE}`);
  const nodeRed = await startNodeRed(mosquitto.port, influxdb.port);
  const stopNodeRed = own(() => nodeRed.stop());
  return {
    port: mosquitto.port,
    devices: deviceIds(devices).map((id) => ({ id })),
    pids: () => [mosquitto.pid(), nodeRed.pid(), influxdb.pid()],
    stored: async () => countIn(await query(influxdb.url, 'GET', `SELECT count(pm2_5) FROM ${MEASUREMENT}`)),
    stop: async () => {
      await stopNodeRed();
      await stopInfluxdb();
      await stopMosquitto();
    },
  };
};

const startNodeRed = async (mqttPort: number, influxPort: number): Promise<Daemon> =>
  startDaemon({
    name: 'node-red',
    command: process.execPath,
    port: await freePort(),
    prepare: async (folder, port) => {
      const settings = join(folder, 'settings.js');
      await writeFile(settings, `module.exports = ${JSON.stringify(settingsOf(folder, port))};\n`);
      await writeFile(join(folder, 'flows.json'), JSON.stringify(flows(mqttPort, influxPort)));
      return {
        args: [createRequire(import.meta.url).resolve('node-red/red.js'), '--settings', settings],
        env: { NODE_RED_ENABLE_TELEMETRY: 'false' },
      };
    },
    listening: (output, port) => (output.includes('Connected to broker') ? port : undefined),
  });

const settingsOf = (userDir: string, uiPort: number): object => ({
  userDir,
  uiPort,
  uiHost: '127.0.0.1',
  flowFile: 'flows.json',
  httpAdminRoot: false,
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  logging: { console: { level: 'info', metrics: false, audit: false } },
});

const flows = (mqttPort: number, influxPort: number): object[] => [
  { id: 'tab', type: 'tab', label: 'bench' },
  {
    id: 'broker',
    type: 'mqtt-broker',
    broker: '127.0.0.1',
    port: String(mqttPort),
    clientid: 'node-red',
    protocolVersion: '4',
    keepalive: '60',
    cleansession: true,
    autoConnect: true,
  },
  {
    id: 'in',
    type: 'mqtt in',
    z: 'tab',
    topic: topicOf('+'),
    qos: '1',
    datatype: 'json',
    broker: 'broker',
    inputs: 0,
    wires: [['point']],
  },
  { id: 'point', type: 'function', z: 'tab', func: FUNCTION, outputs: 1, libs: [], wires: [['out']] },
  {
    id: 'out',
    type: 'influxdb out',
    z: 'tab',
    influxdb: 'influx',
    measurement: MEASUREMENT,
    precision: 'ms',
    wires: [],
  },
  {
    id: 'influx',
    type: 'influxdb',
    hostname: '127.0.0.1',
    port: String(influxPort),
    protocol: 'http',
    database: DATABASE,
    influxdbVersion: '1.x',
    usetls: false,
  },
];

const query = async (url: string, method: 'GET' | 'POST', q: string): Promise<unknown> => {
  const answer = await fetch(`${url}/query?${new URLSearchParams({ db: DATABASE, q }).toString()}`, { method });
  if (!answer.ok) throw new Error(`InfluxDB answered ${answer.status} to ${q}`);
  return answer.json();
};

/** The one number of `{"results":[{"series":[{"values":[[0,N]]}]}]}`; there is no series while there is no point. */
const countIn = (answer: unknown): number => {
  const text = JSON.stringify(answer);
  const found = /"values":\[\[[^,\]]+,(\d+)\]\]/.exec(text)?.[1];
  if (found === undefined && text.includes('"series"'))
    throw new Error(`InfluxDB did not count: ${text.slice(0, 200)}`);
  return Number(found ?? 0);
};
