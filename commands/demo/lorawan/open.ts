import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Unavailable, type Clock } from '../../../device-profiles/vocabulary/index.ts';
import type { Config } from '../../../infra/config/index.ts';
import type { DemoBroker } from './broker.ts';
import { openChirpstack } from './chirpstack.ts';
import { openForwarders } from './forwarder.ts';
import { connState } from './chirpstack-words.ts';
import { copyingGateways, townHall } from './gateways.ts';
import { radioOutboxes, runAir, type Networks, type RunningAir } from './run.ts';
import { sessionsOf, type RadioState } from './sessions.ts';
import { emptyRadioTally } from './tally.ts';
import { openThingsStack } from './things-stack.ts';
import type { World } from './world.ts';

/**
 * The configuration with the doors that the demo's networks knock at: its own ChirpStack instead of one that is
 * configured, a UDP port if none is, and its gateways beside those that are allowed. All of it on this machine.
 */
export const withRadioDoors = async (config: Config, { url, username, password }: DemoBroker): Promise<Config> => {
  const { lorawan } = config;
  const own = copyingGateways.map(({ eui }) => `${eui}@${HOST}`);
  return {
    ...config,
    chirpstack: {
      mqttUrl: url,
      mqttProtocol: '3.1.1',
      mqttClientId: 'kerbside',
      mqttUsername: username,
      mqttPassword: password,
      eventTopic: 'application/{{application_id}}/device/{{dev_eui}}/event/{{event}}',
      gatewayTopic: '+/gateway/{{gateway_id}}/{{kind}}/{{event}}',
    },
    lorawan: {
      ...lorawan,
      udpHost: HOST,
      udpPort: lorawan.udpPort === 0 ? await freeUdpPort() : lorawan.udpPort,
      gateways: [lorawan.gateways, ...own].filter((each) => each !== '').join(','),
    },
  };
};

const HOST = '127.0.0.1';
const freeUdpPort = async (): Promise<number> => {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
};

/** ChirpStack's events are at QoS 0: what is published before Kerbside listens is lost. */
const LISTENS_WITHIN_MS = 10_000;
/** Who listens to this has subscribed to all the rest before. */
const LAST_TOPIC = connState(townHall, true).topic;

/** Where the networks find the server. */
export interface AirParts {
  /** As `withRadioDoors` made it. */
  readonly config: Config;
  /** `http://host:port` */
  readonly http: string;
  readonly broker: DemoBroker;
  /** The key with which The Things Stack signs in. */
  readonly key: string;
}

/** Opens the three networks; ChirpStack's once the server listens to it. */
export const openNetworks = async ({ config, http, broker, key }: AirParts, world: World): Promise<Networks> => {
  if (!(await broker.subscribed(LAST_TOPIC, LISTENS_WITHIN_MS)))
    throw new Unavailable('door-closed', 'the server does not listen to the simulated ChirpStack');
  return {
    chirpstack: await openChirpstack(broker, world),
    'things-stack': openThingsStack({ http, key }, world),
    'semtech-udp': await openForwarders({ host: HOST, port: config.lorawan.udpPort }, world),
  };
};

/**
 * Opens the networks and lets the LoRaWAN sensors speak. The server runs already.
 * @throws Unavailable (`door-closed`) when it does not listen to the simulated ChirpStack.
 */
export const openAir = async (
  { begunMs, networkKey: key, ...state }: RadioState,
  {
    seed,
    pauseFromMs,
    clock,
    ...parts
  }: Omit<AirParts, 'key'> & { readonly seed: number; readonly pauseFromMs: number; readonly clock: Clock },
): Promise<RunningAir> => {
  const tally = emptyRadioTally();
  const world: World = { seed, begunMs, sessions: sessionsOf(state), tally };
  const networks = await openNetworks({ ...parts, key }, world);
  return runAir(radioOutboxes(world, { pauseFromMs, startMs: clock.now() }), { networks, tally, clock });
};
