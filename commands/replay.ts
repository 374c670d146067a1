import { Command, InvalidArgumentError } from 'commander';
import { Invalid, systemClock } from '../device-profiles/vocabulary/index.ts';
import { readConfig, type Config } from '../infra/config/index.ts';
import { readMap } from './replay/map.ts';
import { translator } from './replay/message.ts';
import type { Speed } from './replay/pace.ts';
import { showProgress } from './replay/progress.ts';
import { isFault, reportText, type Report } from './replay/report.ts';
import { openTable } from './replay/rows.ts';
import { replay } from './replay/run.ts';
import { register, signIn, tokensFrom } from './replay/sign-in.ts';

/** Done, but some rows could not be read: they are named in the report. */
const EXIT_ROWS_LEFT_OUT = 5;
/** Stopped by Ctrl-C before the end: 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

interface Options {
  readonly map: string;
  readonly speed: Speed;
  readonly shiftToNow?: true;
  readonly url?: string;
  readonly tokens?: string;
  readonly json?: true;
}

/**
 * `kerbside replay FILE --map MAP.yaml`: the rows of a CSV become messages of registered devices, through the MQTT
 * door.
 */
export const replayCommand = (): Command =>
  new Command('replay')
    .description('send the rows of a CSV file as messages of devices, through the MQTT door of a running server')
    .argument('<file>', 'the CSV file')
    .requiredOption('--map <map.yaml>', 'how its columns become messages; examples lie in commands/replay/maps')
    .option(
      '--speed <times|max>',
      'so many times real time, by the times of the rows; max: as fast as they are acknowledged',
      speedOf,
      'max',
    )
    .option('--shift-to-now', 'move all times so that the newest row is sent at the time that it tells')
    .option('--url <mqtt://host:port>', "the server's MQTT door; as configured if not given")
    .option('--tokens <file.json>', 'tokens as {"device": "token"} for a server elsewhere; nothing is registered then')
    .option('--json', 'the report as one line of JSON')
    .addHelpText(
      'after',
      `
Exit codes:
  0    every row was sent and acknowledged
  1    the server could not be reached, or stopped answering
  2    the map or the file is wrong
  3    no such file
  4    a device is registered otherwise
  ${EXIT_ROWS_LEFT_OUT}    done, but some rows could not be read and were left out
  ${EXIT_INTERRUPTED}  stopped by Ctrl-C`,
    )
    .action(run);

const run = async (file: string, options: Options): Promise<void> => {
  const config = readConfig();
  const map = readMap(options.map);
  const table = await openTable(file);
  const translate = translator(map, table.header);
  const url = options.url ?? doorOf(config);
  const enrolled =
    options.tokens === undefined ? await register(map, config.data.dir) : tokensFrom(options.tokens, map);
  const devices = await signIn(enrolled, url);
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const done = await replay({
      table,
      translator: translate,
      devices,
      speed: options.speed,
      shift: options.shiftToNow === true,
      clock: systemClock,
      progress: showProgress(table.bytes, process.stderr),
      signal: stop.signal,
    });
    tell(
      { file, map: map.name, devices: [...devices.keys()], registered: enrolled.added, ...done },
      options.json === true,
    );
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    for (const device of devices.values()) await device.close();
  }
};

const tell = (report: Report, json: boolean): void => {
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : reportText(report));
  if (!report.complete) process.exitCode = EXIT_INTERRUPTED;
  else if (report.skipped.some(({ reason }) => isFault(reason))) process.exitCode = EXIT_ROWS_LEFT_OUT;
};

const speedOf = (text: string): Speed => {
  if (text === 'max') return 'max';
  const speed = Number(text);
  if (!(speed > 0 && speed <= 1_000_000)) throw new InvalidArgumentError('a speed is a number above 0, or max.');
  return speed;
};

/** @throws Invalid (`replay-needs-door`) when this installation listens to no MQTT. */
const doorOf = ({ mqtt }: Config): string => {
  if (mqtt.port === 0)
    throw new Invalid('replay-needs-door', 'mqtt.port is 0, so nothing listens here: give --url mqtt://host:port');
  return `mqtt://${mqtt.host === '0.0.0.0' ? '127.0.0.1' : mqtt.host}:${mqtt.port}`;
};
