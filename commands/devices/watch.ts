import { Command, InvalidArgumentError, Option } from 'commander';
import { namesOf, placeBefore } from '../../dashboard/api/device-uplinks.ts';
import type { EventStream } from '../../dashboard/preview/event-stream.ts';
import { follow, openTurns } from '../../dashboard/preview/follow.ts';
import type { PreviewOut } from '../../dashboard/preview/shape.ts';
import { trialSandbox } from '../../device-profiles/trial-sandbox.ts';
import { openInstalledCatalogue } from '../installed-catalogue.ts';
import { deviceId, NotFound, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { readConfig, type Config } from '../../infra/config/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { DeviceNames } from '../../infra/journal/contract.ts';
import { openJournalReader, type JournalReader } from '../../infra/journal/reader.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openTimeSeriesBeside, type TimeSeriesReader } from '../../infra/timeseries/sqlite/beside.ts';
import { explainer } from '../../ingest/explain.ts';
import { watchRemotely } from '../preview/remote.ts';
import { serverAt } from '../ask.ts';
import { openTerminal, type Terminal } from '../preview/terminal.ts';
import { withRegistry } from '../with-registry.ts';

interface Options {
  readonly last: number;
  readonly events?: number;
  readonly once?: true;
  readonly url?: string;
  readonly json?: true;
}

const NEWEST = Number.MAX_SAFE_INTEGER;
const count = (text: string): number => {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('this is a whole number of at most four digits.');
  return Number(text);
};

/** `devices watch ID`: what a device sends, as it comes, and what becomes of it. */
export const deviceWatchCommand = (): Command =>
  new Command('watch')
    .description(
      'show what a device sends, as it comes: bytes, words, values with units and flags, gateways; Ctrl-C ends it',
    )
    .argument('<id>')
    .option('--last <count>', 'begin with so many that came before', count, 0)
    .option('--events <count>', 'end after so many', count)
    .addOption(
      new Option('--once', 'end when what there is has been shown, instead of waiting for more').conflicts('url'),
    )
    .option('--url <http://host:port>', 'watch on a server elsewhere, with the API key in KERBSIDE_KEY')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      '\nWithout --url it reads the journal and the observations of the data folder, beside a running server and without a key, and changes nothing in them.',
    )
    .action(run);

const run = async (id: string, { last, events, once, url, json }: Options): Promise<void> => {
  const device = deviceId(id);
  if (url !== undefined) {
    await watchRemotely(openTerminal(json === true), { ...serverAt(url), device, last, events });
    return;
  }
  await withRegistry(async (registry) => {
    const known = registry.device({ by: 'id', value: device });
    if (known === undefined)
      throw new NotFound(
        'device-unknown',
        `no device ${JSON.stringify(id)} is registered; "npx kerbside devices list" lists them`,
      );
    const journal = openJournalReader(openDataFolder(readConfig().data.dir).journal);
    try {
      const names = () => namesOf(registry.device({ by: 'id', value: device }) ?? known);
      if (once !== true && json !== true) process.stderr.write(`Waiting for what ${device} sends. Ctrl-C ends it.\n`);
      const asked = { names, last, events: events ?? NEWEST, once: once === true };
      await watchHere(openTerminal(json === true), { registry, journal, ...asked });
    } finally {
      journal.close();
    }
  });
};

interface Here {
  readonly registry: Registry;
  readonly journal: JournalReader;
  readonly names: () => DeviceNames;
  readonly last: number;
  readonly events: number;
  readonly once: boolean;
}

const watchHere = async (terminal: Terminal, { registry, journal, names, last, events, once }: Here): Promise<void> => {
  const config = readConfig();
  const timeseries = await openStored(config);
  const catalogue = await openInstalledCatalogue();
  const sandbox = trialSandbox();
  try {
    const explain = explainer({
      registry,
      timeseries,
      catalogue,
      window: { futureMs: config.ingest.futureMs },
      sandbox,
    });
    const after = await placeBefore(journal, names(), last);
    await follow(
      streamTo(terminal),
      { journal, explain, clock: systemClock, turn: openTurns() },
      { device: names, after, events, once },
    );
  } finally {
    await sandbox.close();
    await catalogue.close();
    await timeseries.close();
  }
};

/** What is stored already: a value is judged in the midst of what was said before and after it. */
const openStored = async ({ data, timeseries, influxdb, log }: Config): Promise<TimeSeriesReader> => {
  if (timeseries.backend === 'sqlite') return openTimeSeriesBeside(openDataFolder(data.dir).timeseries);
  const { openInfluxTimeSeries } = await import('../../infra/timeseries/influxdb.ts');
  return openInfluxTimeSeries({ ...influxdb, clock: systemClock, log: openLog(log.level) });
};

const streamTo = (terminal: Terminal): EventStream<PreviewOut> => ({
  ...terminal,
  send: ({ data }) => terminal.show(data),
});
