import { Command, Option } from 'commander';
import { benchCodec, codecReport, CODEC_FULL, CODEC_QUICK } from './codec.ts';
import { benchImport } from './import.ts';
import { benchIngest } from './ingest.ts';
import { benchLorawan, lorawanReport } from './lorawan.ts';
import { benchMap, MAP_FULL, MAP_QUICK, mapReport } from './map.ts';
import { benchLive, LIVE_FULL, LIVE_QUICK, liveReport } from './live.ts';
import { stopAll } from './owned.ts';
import { benchPages, PAGES_FULL, PAGES_QUICK, pagesReport } from './pages.ts';
import { stores, type StoreName } from './query/stores.ts';
import { benchQuery, QUERY_FULL, QUERY_QUICK, queryReport, RATIO_AT_MOST } from './query.ts';
import { report } from './report.ts';
import { benchReprocess, REPROCESS_FULL, REPROCESS_QUICK, reprocessReport } from './reprocess.ts';
import { FULL, QUICK } from './settings.ts';

/** `npm run bench -- NAME`. Figures go to standard output, progress to standard error. */
const bench = new Command('bench').description('measure Kerbside on this machine');

bench
  .command('ingest')
  .description(
    'messages per second from a PUBLISH to the store, beside Mosquitto alone and beside Mosquitto, Node-RED and InfluxDB',
  )
  .option('--json', 'the figures as JSON')
  .option('--quick', 'one short round: for a look, not for quoting')
  .addHelpText(
    'after',
    '\nTakes about six minutes (--quick: two) and wants a machine that does nothing else.\nExit code 1 when a message that Kerbside acknowledged was not in its store.',
  )
  .action(async ({ json, quick }: { json?: true; quick?: true }) => {
    const startedAt = performance.now();
    const say = (progress: string): void =>
      void process.stderr.write(
        `${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${progress}\n`,
      );
    const figures = await benchIngest(quick ? QUICK : FULL, say);
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${report(figures)}\n`);
    if (figures.kerbside.lost > 0 || figures.costs.some(({ lost }) => lost > 0)) process.exitCode = 1;
  });

bench
  .command('codec')
  .description(
    'decodes per second and core of three codecs of the catalogue in the sandbox, and of the same codecs in bare V8',
  )
  .option('--json', 'the figures as JSON')
  .option('--quick', 'one short round: for a look, not for quoting')
  .addHelpText(
    'after',
    '\nTakes about a minute (--quick: ten seconds) and wants a machine that does nothing else.\nExit code 1 when a frame gives something else in the sandbox than outside it.',
  )
  .action(async ({ json, quick }: { json?: true; quick?: true }) => {
    const figures = await benchCodec(
      quick ? CODEC_QUICK : CODEC_FULL,
      (progress) => void process.stderr.write(`${progress}\n`),
    );
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${codecReport(figures)}\n`);
    if (figures.codecs.some(({ differing }) => differing > 0)) process.exitCode = 1;
  });

bench
  .command('import')
  .description('seconds that an import of a whole device repository takes: 600 invented devices with 1,400 examples')
  .option('--devices <n>', 'as many devices instead', Number, 600)
  .option('--json', 'the figures as JSON')
  .action(async ({ devices, json }: { devices: number; json?: true }) => {
    const figures = await benchImport(devices, (progress) => void process.stderr.write(`${progress}\n`));
    const { examples, ran, codecs, written, seconds, secondsAgain, peakMb } = figures;
    process.stdout.write(
      json
        ? `${JSON.stringify(figures)}\n`
        : `${devices} devices, ${codecs} codecs, ${ran} of ${examples} examples run, ${written} profiles written: ${seconds.toFixed(1)} s, again ${secondsAgain.toFixed(1)} s, at most ${peakMb.toFixed(0)} MB\n`,
    );
  });

bench
  .command('lorawan')
  .description(
    'uplinks per second straight from three gateways over Semtech UDP, and of ChirpStack through a broker, beside bare bounds',
  )
  .option('--json', 'the figures as JSON')
  .option('--quick', 'one short round: for a look, not for quoting')
  .addHelpText(
    'after',
    '\nTakes about three minutes (--quick: one) and wants a machine that does nothing else.\nExit code 1 when an event of ChirpStack that its broker had was not stored.',
  )
  .action(async ({ json, quick }: { json?: true; quick?: true }) => {
    const figures = await benchLorawan(quick === true, (progress) => void process.stderr.write(`${progress}\n`));
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${lorawanReport(figures)}\n`);
    if (figures.chirpstack.lost > 0) process.exitCode = 1;
  });

bench
  .command('query')
  .description(
    'milliseconds for the latest, a day by the minute, a month by the hour and a year by the day, beside the bare SQL or InfluxQL that answers each',
  )
  .addOption(new Option('--store <name>', 'which is asked').choices([...stores]).default('sqlite'))
  .option('--json', 'the figures as JSON')
  .option('--quick', 'less data, fewer rounds: for a look, not for quoting')
  .addHelpText(
    'after',
    `\nTakes about two minutes (--quick: half of one), half a gigabyte of disk (--quick: 200 MB), and wants a machine that does nothing else.\nExit code 1 when a question takes more than ${RATIO_AT_MOST} times as long as the bare one.`,
  )
  .action(async ({ store, json, quick }: { store: StoreName; json?: true; quick?: true }) => {
    const figures = await benchQuery(
      store,
      quick ? QUERY_QUICK : QUERY_FULL,
      (progress) => void process.stderr.write(`${progress}\n`),
    );
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${queryReport(figures)}\n`);
    if (Object.values(figures.ratios).some((ratio) => !(ratio <= RATIO_AT_MOST))) process.exitCode = 1;
  });

bench
  .command('reprocess')
  .description(
    'uplinks per second of a run over history, dry and real, beside the same uplinks as they came in; and what a run does to live ones',
  )
  .option('--json', 'the figures as JSON')
  .option('--quick', 'less history: for a look, not for quoting')
  .addHelpText(
    'after',
    '\nTakes about a minute (--quick: twenty seconds) and wants a machine that does nothing else.\nExit code 1 when a value is not as the run should have left it.',
  )
  .action(async ({ json, quick }: { json?: true; quick?: true }) => {
    const figures = await benchReprocess(
      quick ? REPROCESS_QUICK : REPROCESS_FULL,
      (progress) => void process.stderr.write(`${progress}\n`),
    );
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${reprocessReport(figures)}\n`);
    if (figures.wrong > 0) process.exitCode = 1;
  });

bench
  .command('map')
  .description(
    'milliseconds between frames while the map is dragged in chromium, with 10,000 sensors and with none, in turn',
  )
  .option('--json', 'the figures as JSON')
  .option('--quick', 'one short round: for a look, not for quoting')
  .addHelpText(
    'after',
    '\nTakes about three minutes (--quick: two) and wants a machine that does nothing else. Without a graphics card the browser draws with the processor.',
  )
  .action(async ({ json, quick }: { json?: true; quick?: true }) => {
    const figures = await benchMap(
      quick ? MAP_QUICK : MAP_FULL,
      (progress) => void process.stderr.write(`${progress}\n`),
    );
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${mapReport(figures)}\n`);
  });

bench
  .command('live')
  .description(
    'milliseconds from a message to its event on a thousand live sockets, one of them frozen, beside one socket of each kind',
  )
  .option('--json', 'the figures as JSON')
  .option('--quick', 'one short round: for a look, not for quoting')
  .addHelpText(
    'after',
    '\nTakes about three minutes (--quick: one and a half) and wants a machine that does nothing else.\nExit code 1 when a target is not reached: twice the time of one socket, nothing missed, the frozen one cut off, 100 MB more than before.',
  )
  .action(async ({ json, quick }: { json?: true; quick?: true }) => {
    const figures = await benchLive(
      quick ? LIVE_QUICK : LIVE_FULL,
      (progress) => void process.stderr.write(`${progress}\n`),
    );
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${liveReport(figures)}\n`);
    if (!figures.met) process.exitCode = 1;
  });

bench
  .command('pages')
  .description(
    'milliseconds of the first page and of a site with 10,000 sensors, beside a bare reply of the same bytes',
  )
  .option('--json', 'the figures as JSON')
  .option('--quick', 'fewer pages: for a look, not for quoting')
  .addHelpText(
    'after',
    '\nTakes about a minute (--quick: half of one) and wants a machine that does nothing else.\nExit code 1 when the first page takes longer than 300 ms more often than once in twenty.',
  )
  .action(async ({ json, quick }: { json?: true; quick?: true }) => {
    const figures = await benchPages(
      quick ? PAGES_QUICK : PAGES_FULL,
      (progress) => void process.stderr.write(`${progress}\n`),
    );
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${pagesReport(figures)}\n`);
    if (!figures.met) process.exitCode = 1;
  });

const interrupted = (code: number) => (): void => void stopAll().finally(() => process.exit(code));
process.once('SIGINT', interrupted(130));
process.once('SIGTERM', interrupted(143));

try {
  await bench.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
