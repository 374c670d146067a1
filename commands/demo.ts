import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Conflict, deviceId, Invalid, systemClock, Unavailable } from '../device-profiles/vocabulary/index.ts';
import { readConfig, variableOf, type Config } from '../infra/config/index.ts';
import type { Greeting } from './demo/greeting.ts';
import { openDemoBroker, type DemoBroker } from './demo/lorawan/broker.ts';
import { openAir, withRadioDoors } from './demo/lorawan/open.ts';
import { sensors } from './demo/network.ts';
import { outbox } from './demo/outbox.ts';
import { openRadio, type Doors } from './demo/radio.ts';
import { REMEMBERS_MS, runStreet, type RunningStreet, type Speaker } from './demo/run.ts';
import { demoFile, prepare, type DemoState } from './demo/state.ts';
import { jsonScreen, textScreen, type Screen } from './demo/screen.ts';
import { firstAdministratorWords } from './join-address.ts';
import { start, untilStopped, type Running } from './start.ts';

/** How often it is noted up to when everything was sent: what a crash costs is sent again, and collapses. */
const NOTE_MS = 30_000;

/** `kerbside demo`: the server, and a street network that speaks to it through its doors. */
export const demoCommand = (): Command =>
  new Command('demo')
    .description(
      'start the server and a simulated street network over Stockport that speaks MQTT, HTTP and LoRaWAN to it',
    )
    .option('--seed <number>', 'another seed is another town: other weather, crowds and faults', seedOf, 1)
    .option('--json', 'say where everything is, and when the past is told, as lines of JSON')
    .action(async ({ seed, json }: { seed: number; json?: true }) => {
      const given = quiet(readConfig());
      needDoors(given);
      const broker = await openDemoBroker();
      try {
        const config = await withRadioDoors(given, broker);
        const running = await start(config);
        const screen = json === true ? jsonScreen(process.stdout) : textScreen(process.stdout);
        try {
          await demonstrate(running, { config, seed, screen, broker });
        } catch (error) {
          await running.stop();
          throw error;
        }
      } finally {
        await broker.close();
      }
    });

interface Stage {
  /** With the doors that LoRaWAN needs. */
  readonly config: Config;
  readonly seed: number;
  readonly screen: Screen;
  readonly broker: DemoBroker;
}

const demonstrate = async (running: Running, { config, seed, screen, broker }: Stage): Promise<void> => {
  const doors = doorsOf(running);
  const file = demoFile(config.data.dir);
  const state = await prepare(running.registry, file);
  const sinceMs = Math.max(state.until ?? 0, systemClock.now() - REMEMBERS_MS);
  const speakers = await openSpeakers(state, { seed, doors });
  const words: Greeting = {
    ...doors,
    udpPort: config.lorawan.udpPort,
    feed: running.urls.feed,
    partnerKey: state.partnerKey,
    data: resolve(config.data.dir),
    backfillMs: systemClock.now() - sinceMs,
  };
  const { http } = doors;
  const parts = { seed, config, http, broker, pauseFromMs: sinceMs, clock: systemClock };
  const air = await openAir(state.lorawan, parts);
  process.stderr.write((await firstAdministratorWords(running.registry, config.http, running.urls.http)) ?? '');
  screen.greet(words);
  const street = runStreet(speakers, { clock: systemClock, log: running.log, sinceMs });
  const endScreen = screen.follow(street, air);
  const note = setInterval(() => noteProgress(file, state, street), NOTE_MS);
  await untilStopped({
    ...running,
    stop: async () => {
      clearInterval(note);
      endScreen();
      await Promise.all([street.stop(), air.stop()]);
      noteProgress(file, state, street);
      await running.stop();
    },
  });
};

const noteProgress = (file: ReturnType<typeof demoFile>, state: DemoState, street: RunningStreet): void => {
  file.write({ ...state, until: Math.trunc(street.until()) });
};

const openSpeakers = async (
  state: DemoState,
  { seed, doors }: { readonly seed: number; readonly doors: Doors },
): Promise<readonly Speaker[]> => {
  const tokens = new Map(state.tokens.map(({ device, token }) => [deviceId(device), token]));
  return Promise.all(
    sensors.map(async (sensor) => {
      const token = tokens.get(sensor.id);
      if (token === undefined)
        throw new Conflict(
          'token-unknown',
          `${sensor.id} has no token; remove demo.json from the data folder to begin anew`,
        );
      return { box: outbox(seed, sensor), radio: await openRadio(sensor, token, doors) };
    }),
  );
};

const seedOf = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a seed is a whole number of at most nine digits.');
  return Number(text);
};

/** The doors that the sensors need. @throws Invalid (`demo-needs-doors`) when one is switched off. */
const needDoors = ({ http, mqtt }: Config): void => {
  for (const [port, path] of [
    [http.port, ['http', 'port']],
    [mqtt.port, ['mqtt', 'port']],
  ] as const) {
    if (port === 0)
      throw new Invalid(
        'demo-needs-doors',
        `the demo speaks MQTT and HTTP: ${path.join('.')} must not be 0; set ${variableOf(path)} to a free port`,
      );
  }
};

const doorsOf = ({ urls }: Running): Doors => {
  if (urls.http === undefined || urls.mqtt === undefined)
    throw new Unavailable('door-closed', 'the server did not open its MQTT and HTTP doors');
  return { http: urls.http.replace(/\/$/, ''), mqtt: urls.mqtt };
};

/**
 * The screen belongs to the demo's own words: of the log only what is wrong, unless somebody asked for more. The faults
 * that it plays are warnings to a server, and nothing wrong here.
 */
const quiet = (config: Config): Config =>
  config.log.level === 'info' ? { ...config, log: { ...config.log, level: 'error' } } : config;
