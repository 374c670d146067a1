import { Command } from 'commander';
import { ownCatalogue } from '../device-profiles/catalogue.ts';
import { LOOK_EVERY_MS, openLiveCatalogue } from '../device-profiles/live-catalogue.ts';
import { trialSandbox } from '../device-profiles/trial-sandbox.ts';
import { systemClock, type Clock, type Connector } from '../device-profiles/vocabulary/index.ts';
import { dashboard } from '../dashboard/index.ts';
import { openMqttDoor } from '../gateway/mqtt/door.ts';
import { openExternalMqtt } from '../gateway/mqtt/external.ts';
import type { Source } from '../gateway/mqtt/source.ts';
import { uplinkRoutes } from '../gateway/http/uplinks.ts';
import { openReceipt } from '../gateway/receipt.ts';
import { readConfig, type Config } from '../infra/config/index.ts';
import { lockDataFolder, openDataFolder } from '../infra/data-folder.ts';
import { healthRoutes } from '../infra/http/health.ts';
import { openHttp } from '../infra/http/server.ts';
import type { Journal } from '../infra/journal/contract.ts';
import { openSqliteJournal } from '../infra/journal/sqlite.ts';
import { openLocalBus } from '../infra/live/local.ts';
import { openLog, type Log } from '../infra/logging/index.ts';
import { openMetrics } from '../infra/metrics/index.ts';
import { openRadioBook } from '../infra/radio/book.ts';
import { alsoTelling, openDownlinkNews } from '../infra/network-server/downlinks.ts';
import { openNetworks } from '../infra/network-server/networks.ts';
import type { Registry } from '../infra/registry/contract.ts';
import { openRegistryIn } from '../infra/registry/open.ts';
import type { TimeSeries } from '../infra/timeseries/contract.ts';
import { keepFor, retentionOf } from '../infra/timeseries/retention.ts';
import { openSqliteTimeSeries } from '../infra/timeseries/sqlite.ts';
import { explainer } from '../ingest/explain.ts';
import { valueExplainer } from '../ingest/explain/value.ts';
import { openIngest } from '../ingest/index.ts';
import { firstAdministratorWords } from './join-address.ts';
import { openReprocessing } from '../ingest/reprocess/index.ts';
import { listenOrSay } from './listen.ts';
import { openLorawanDoors, type LorawanDoors } from './lorawan-doors.ts';
import { withPortAdvice } from './port-advice.ts';
import { logProfileNews } from './profile-news.ts';

/** A server that runs. */
export interface Running {
  readonly registry: Registry;
  readonly journal: Journal;
  readonly timeseries: TimeSeries;
  readonly log: Log;
  /** Where people and programs find it; undefined where a port is switched off. */
  readonly urls: {
    readonly http: string | undefined;
    readonly mqtt: string | undefined;
    readonly feed: string | undefined;
    readonly gateways: string | undefined;
  };
  /** Stops accepting, finishes what was accepted, closes. */
  readonly stop: () => Promise<void>;
}

const DAY_MS = 86_400_000;

/** Puts the parts together and opens the doors; what was opened is closed in the opposite order. */
export const start = async (config: Config, clock: Clock = systemClock): Promise<Running> => {
  const log = openLog(config.log.level);
  const metrics = openMetrics();
  const opened: (() => Promise<void> | void)[] = [];
  const closing = <T>(part: T, close: (part: T) => Promise<void> | void): T => {
    opened.push(() => close(part));
    return part;
  };
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const folder = openDataFolder(config.data.dir);
    closing(lockDataFolder(folder), (lock) => lock.release());
    const catalogue = closing(
      await openLiveCatalogue({
        own: [ownCatalogue],
        data: folder.profiles,
        tell: logProfileNews(log),
        everyMs: LOOK_EVERY_MS,
      }),
      (part) => part.close(),
    );
    const registry = closing(await openRegistryIn(folder.path, { clock, log, catalogue, area: config.area }), (part) =>
      part.close(),
    );
    if (registry.devices().some(({ profile }) => catalogue.get(profile)?.sends === 'lorawan')) await catalogue.warm();
    const journal = closing(openJournal(config, { file: folder.journal, clock, log }), (part) => part.close());
    const timeseries = closing(await openTimeSeries(config, { file: folder.timeseries, clock, log }), (part) =>
      part.close(),
    );
    const radio = closing(await openRadioBook({ registry, journal, metrics, clock, log }), (part) => part.close());
    const live = openLocalBus();
    const window = { futureMs: config.ingest.futureMs };
    const { raw } = retentionOf(config.timeseries);
    const rawRetentionMs = raw === 0 ? Infinity : raw * DAY_MS;
    const keptFrom = (): number => clock.now() - rawRetentionMs;
    const ingest = closing(
      await openIngest({
        journal,
        registry,
        catalogue,
        timeseries,
        live,
        radio,
        metrics,
        clock,
        window,
        log,
        keptFrom,
      }),
      (part) => part.close(),
    );
    const trials = closing(trialSandbox(), (part) => part.close());
    const explaining = { registry, timeseries, journal, catalogue, window, sandbox: trials, keptFrom };
    const historySandbox = closing(trialSandbox(), (part) => part.close());
    const reprocessing = closing(
      openReprocessing({
        registry,
        journal,
        timeseries,
        catalogue,
        sandbox: historySandbox,
        bench: ingest.bench,
        live,
        window,
        metrics,
        clock,
        log,
        file: folder.reprocess,
        rawRetentionMs,
      }),
      (part) => part.close(),
    );
    closing(keepFor(retentionOf(config.timeseries), { timeseries, clock, log }), (end) => end());

    const commands = closing(openDownlinkNews({ registry, clock, log }), (part) => part.settled());
    const networks = closing(
      await openNetworks({ config, registry, catalogue, keys: registry, clock, log, metrics }),
      (part) => part.close(),
    );
    closing(networks.follow(), (end) => end());

    const http = closing(openHttp({ log, publicUrl: config.http.publicUrl, proxies: config.http.proxies }), (part) =>
      part.close(),
    );
    const receipt = openReceipt(clock, journal.ahead(clock.now()));
    healthRoutes(http, { journal, registry, metrics });
    let external: Source | undefined;
    let lorawan: LorawanDoors | undefined;
    const brokerUp = (at: Connector): boolean | undefined =>
      at === 'external-mqtt' ? external?.subscribed : lorawan?.brokerUp(at);
    const door = { config, registry, journal, receipt, clock, metrics, log };
    const { feedUrl } = closing(
      await dashboard({
        http,
        config,
        registry,
        timeseries,
        journal,
        live,
        catalogue,
        clock,
        log,
        metrics,
        heard: ingest.heard,
        radio: radio.reader,
        brokerUp,
        redrive: ingest.redrive,
        explain: explainer(explaining),
        explainValue: valueExplainer(explaining),
        trialSandbox: trials,
        networks,
        reprocessing,
      }),
      (part) => part.close(),
    );
    await http.register(uplinkRoutes(door));
    lorawan = closing(await openLorawanDoors({ ...door, http, folder, radio: alsoTelling(radio, commands) }), (part) =>
      part.close(),
    );
    const mqtt = closing(await openMqttDoor({ ...door, httpServer: http.server }), (part) => part.close());
    if (config.externalMqtt.url !== undefined) external = closing(openExternalMqtt(door), (part) => part.close());
    const url = await listenOrSay(http, config.http);
    lorawan.fetch();
    log.info(
      {
        data: folder.path,
        http: url,
        mqtt: mqtt.url,
        feed: feedUrl,
        gateways: lorawan.udpUrl,
        profiles: catalogue.list().length,
        devices: registry.devices().length,
      },
      'Kerbside is running',
    );
    return {
      registry,
      journal,
      timeseries,
      log,
      urls: { http: url, mqtt: mqtt.url, feed: feedUrl, gateways: lorawan.udpUrl },
      stop,
    };
  } catch (error) {
    await stop();
    throw withPortAdvice(error, config);
  }
};

type Base = { readonly file: string; readonly clock: Clock; readonly log: Log };

const openJournal = ({ journal }: Config, { file, clock, log }: Base): Journal =>
  openSqliteJournal({
    file,
    retentionMs: journal.retentionDays * DAY_MS,
    maxBytes: journal.maxBytes,
    minFreeBytes: journal.minFreeBytes,
    groupMs: journal.groupMs,
    clock,
    log,
  });

const openTimeSeries = async ({ timeseries, influxdb }: Config, base: Base): Promise<TimeSeries> => {
  if (timeseries.backend === 'sqlite') return openSqliteTimeSeries(base);
  // Only who keeps observations there carries its client in memory.
  const { openInfluxTimeSeries } = await import('../infra/timeseries/influxdb.ts');
  return openInfluxTimeSeries({ ...influxdb, clock: base.clock, log: base.log });
};

export const startCommand = (): Command =>
  new Command('start').description('run the server: doors, pipeline, dashboard').action(async () => {
    const config = readConfig();
    const running = await start(config);
    // Not where the log goes, which others read and machines parse.
    process.stderr.write((await firstAdministratorWords(running.registry, config.http, running.urls.http)) ?? '');
    await untilStopped(running);
  });

/** Seconds that closing may take before the process ends anyway; everything acknowledged is on disk by then. */
const STOP_MS = 10_000;

/** Waits for SIGTERM or Ctrl-C, then stops in order. A second signal, or a closing that hangs, ends the process at once. */
export const untilStopped = async ({ stop, log }: Running): Promise<void> => {
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  log.info({}, 'stopping');
  const hang = setTimeout(() => {
    log.error({ reason: 'stop-timeout' }, 'closing took too long');
    process.exit(1);
  }, STOP_MS);
  process.once('SIGINT', () => process.exit(130));
  await stop();
  clearTimeout(hang);
  log.info({}, 'stopped');
};
