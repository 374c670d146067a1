import { Command, InvalidArgumentError } from 'commander';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Type } from 'typebox';
import { RunOut } from '../dashboard/api/reprocess.ts';
import { Invalid } from '../device-profiles/vocabulary/index.ts';
import { scopeKinds, type Scope } from '../infra/reprocess/contract.ts';
import { answerTo, pagesOf, serverAt, type Server } from './ask.ts';
import { print } from './print.ts';
import { followRun } from './reprocess/follow.ts';
import { runText, runsText } from './reprocess/text.ts';

type Run = Static<typeof RunOut>;

interface Common {
  readonly url?: string;
  readonly json?: true;
}
interface StartOptions extends Common, Partial<Record<Scope['kind'], string>> {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: true;
  readonly reason?: string;
}

/** The options of the command itself are those of its subcommands too, wherever they are typed. */
const withServer = (command: Command): Command =>
  command
    .option('--url <http://host:port>', 'the server; the one of this installation unless given')
    .option('--json', 'for scripts: what the API answers');

/** `reprocess ...`: history run again, by the server of this installation or one elsewhere. */
export const reprocessCommand = (): Command =>
  withServer(new Command('reprocess'))
    .description('run what is kept again, after a codec, a mapping, a calibration or limits were corrected')
    .enablePositionalOptions()
    .option('--device <id>', 'the history of this device')
    .option('--profile <id>', 'that of every device with this profile')
    .option('--site <id>', 'what was observed there')
    .option('--from <time>', 'ISO 8601: phenomenon time, inclusive')
    .option('--to <time>', 'exclusive')
    .option('--dry-run', 'count what would change, and change nothing')
    .option('--reason <text>', 'for whoever reads it in five years')
    .addHelpText(
      'after',
      '\nThe server is asked, with the API key in KERBSIDE_KEY, and does the work: Ctrl-C leaves it running.\n' +
        'Examples:\n' +
        '  kerbside reprocess --profile acme/air --from 2026-10-01 --to 2026-10-22 --dry-run\n' +
        '  kerbside reprocess show 7\n' +
        '  kerbside reprocess cancel 7',
    )
    .action(start)
    .addCommand(
      withServer(new Command('list'))
        .description('list the runs over history, the newest first')
        .action((_: unknown, command: Command) => list(command.optsWithGlobals<Common>())),
    )
    .addCommand(
      withServer(new Command('show'))
        .description('how far a run is, and what it has found')
        .argument('<run>', 'its number', numberOf)
        .action((id: number, _: unknown, command: Command) => show(id, command.optsWithGlobals<Common>())),
    )
    .addCommand(
      withServer(new Command('follow'))
        .description('follow a run to its end')
        .argument('<run>', 'its number', numberOf)
        .action((id: number, _: unknown, command: Command) => follow(id, command.optsWithGlobals<Common>())),
    )
    .addCommand(
      withServer(new Command('cancel'))
        .description('call a run off; what it has corrected stays')
        .argument('<run>', 'its number', numberOf)
        .action((id: number, _: unknown, command: Command) => cancel(id, command.optsWithGlobals<Common>())),
    );

const numberOf = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('a run has a number, such as 7.');
  return Number(text);
};

const start = async (options: StartOptions): Promise<void> => {
  const server = serverAt(options.url);
  const { from, to, dryRun, reason } = options;
  if (from === undefined || to === undefined) throw new Invalid('reprocess-when', 'say which history: --from and --to');
  const body = {
    scope: scopeOf(options),
    from,
    to,
    dryRun: dryRun === true,
    ...(reason === undefined ? {} : { reason }),
  };
  const run = await answerTo(server, { path: '/api/v1/reprocessing', body, shape: isRun });
  await toItsEnd(server, run, options);
};

const scopeOf = (options: StartOptions): Scope => {
  const given = scopeKinds.flatMap((kind): Scope[] =>
    options[kind] === undefined ? [] : [{ kind, id: options[kind] }],
  );
  const [scope, ...others] = given;
  if (scope === undefined || others.length > 0)
    throw new Invalid('reprocess-whose', 'say whose history: --device, --profile or --site, one of them');
  return scope;
};

const follow = async (id: number, options: Common): Promise<void> => {
  const server = serverAt(options.url);
  await toItsEnd(server, await oneRun(server, id), options);
};

/** Waits for the end of a run, showing how far it is, and says what came of it. */
const toItsEnd = async (server: Server, run: Run, { json }: Common): Promise<void> => {
  const ended = await followRun(run, () => oneRun(server, run.id), process.stderr);
  print(json === true ? JSON.stringify(ended) : runText(ended));
  if (ended.state === 'failed') process.exitCode = 1;
  if (ended.state === 'cancelled') process.exitCode = 5;
};

const show = async (id: number, options: Common): Promise<void> => {
  const run = await oneRun(serverAt(options.url), id);
  print(options.json === true ? JSON.stringify(run) : runText(run));
};

const list = async ({ url, json }: Common): Promise<void> => {
  const pages = await pagesOf(serverAt(url), { path: '/api/v1/reprocessing', asked: { limit: 1000 }, shape: Runs });
  const runs = pages.flatMap((page) => page.runs);
  if (json === true) return print(JSON.stringify({ runs }));
  process.stdout.write(runs.length === 0 ? 'Nothing was run over history yet\n' : runsText(runs));
};

const cancel = async (id: number, options: Common): Promise<void> => {
  const run = await answerTo(serverAt(options.url), {
    path: `/api/v1/reprocessing/${id}/cancel`,
    body: {},
    shape: isRun,
  });
  print(options.json === true ? JSON.stringify(run) : `Run ${run.id} is called off; what it had corrected stays`);
};

const Runs = Type.Object({ runs: Type.Array(RunOut), next: Type.Union([Type.String(), Type.Null()]) });
const isRun = Compile(RunOut);

const oneRun = (server: Server, id: number): Promise<Run> =>
  answerTo(server, { path: `/api/v1/reprocessing/${id}`, shape: isRun });
