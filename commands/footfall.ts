import { Command, Option } from 'commander';
import type { Static } from 'typebox';
import { ComparisonsOut, FootfallOut } from '../dashboard/api/footfall-shapes.ts';
import { LIMIT_MAX } from '../dashboard/api/paging.ts';
import { periodLengths } from '../infra/footfall/civil-time.ts';
import { baselines } from '../infra/footfall/compare.ts';
import { subjects } from '../infra/footfall/subject.ts';
import { csvOf, pagesOf, serverAt } from './ask.ts';
import { table } from './table.ts';

interface Options {
  readonly site?: string;
  readonly device?: string;
  readonly from: string;
  readonly to?: string;
  readonly every: string;
  readonly of: string;
  readonly spread?: true;
  readonly with?: string;
  readonly maxFlag?: string;
  readonly url?: string;
  readonly json?: true;
  readonly csv?: true;
}

/** `footfall`: counts of passages, as the server of this installation, or one elsewhere, gives them out. */
export const footfallCommand = (): Command =>
  new Command('footfall')
    .description('counts of passages by hour, day, week or month, and beside those before')
    .option('--site <id>', 'all that was counted there')
    .option('--device <id>', 'what this device counted')
    .requiredOption('--from <time>', 'beginning: a day of UK time such as 2026-11-23, or a time')
    .option('--to <time>', 'end, exclusive; now unless given')
    .addOption(new Option('--every <length>', 'length of the periods').choices([...periodLengths]).default('day'))
    .addOption(new Option('--of <what>', 'what is counted').choices([...subjects]).default('footfall'))
    .addOption(
      new Option('--with <before>', 'compare days or weeks with those before')
        .choices([...baselines])
        .conflicts('spread'),
    )
    .option('--spread', 'spread gaps evenly over the periods they touch')
    .addOption(
      new Option('--max-flag <flag>', 'the worst flag that takes part; 3: suspect values too')
        .choices(['1', '2', '3'])
        .default('2'),
    )
    .option('--url <http://host:port>', 'the server; the one of this installation unless given')
    .option('--csv', 'as CSV, as the API writes it')
    .addOption(new Option('--json', 'for scripts: what the API answers, all pages as one').conflicts('csv'))
    .addHelpText(
      'after',
      '\nThe server is asked, with the API key in KERBSIDE_KEY.\n\nExamples:\n' +
        '  kerbside footfall --site market-place --from 2026-11-01\n' +
        '  kerbside footfall --site market-place --from 2026-11-01 --every hour --csv > november.csv\n' +
        '  kerbside footfall --device counter-7 --from 2026-11-16 --with last-week\n',
    )
    .action(run);

const run = async ({ json, csv, url, ...options }: Options): Promise<void> => {
  const server = serverAt(url);
  const asked = { ...options, limit: LIMIT_MAX };
  if (csv === true) {
    const path = asked.with === undefined ? '/api/v1/footfall' : '/api/v1/footfall/compare';
    return void process.stdout.write(unbookedOnce(await csvOf(server, { path, asked })));
  }
  if (asked.with === undefined) {
    const pages = await pagesOf(server, { path: '/api/v1/footfall', asked, shape: FootfallOut });
    const whole = {
      ...pages[0],
      periods: pages.flatMap(({ periods }) => periods),
      unbooked: once(pages.flatMap(({ unbooked }) => unbooked)),
      differences: once(pages.flatMap(({ differences }) => differences)),
      next: null,
    };
    process.stdout.write(json === true ? `${JSON.stringify(whole)}\n` : periodsText(whole));
    return;
  }
  const pages = await pagesOf(server, { path: '/api/v1/footfall/compare', asked, shape: ComparisonsOut });
  const whole = { ...pages[0], comparisons: pages.flatMap(({ comparisons }) => comparisons), next: null };
  process.stdout.write(json === true ? `${JSON.stringify(whole)}\n` : comparisonsText(whole.comparisons));
};

/** What lies over the edge of two pages is on both. */
const once = <T>(rows: readonly T[]): readonly T[] => [
  ...new Map(rows.map((row) => [JSON.stringify(row), row])).values(),
];

/**
 * The same of a table, in which each page ends with its stretches: of equal ones, which are those of several devices, it has as many as
 * the page that has most.
 */
const unbookedOnce = (table: string): string => {
  const told = new Map<string, number>();
  let page = new Map<string, number>();
  return table
    .split(/(?<=\r\n)/)
    .filter((line) => {
      if (!line.startsWith('unbooked,')) {
        page = new Map();
        return true;
      }
      const here = (page.get(line) ?? 0) + 1;
      page.set(line, here);
      if (here <= (told.get(line) ?? 0)) return false;
      told.set(line, here);
      return true;
    })
    .join('');
};

type Periods = Pick<Static<typeof FootfallOut>, 'periods'> & {
  readonly unbooked: readonly Static<typeof FootfallOut>['unbooked'][number][];
};
const number = (value: number | null): string => (value === null ? '-' : String(value));
const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

const periodsText = ({ periods, unbooked }: Periods): string => {
  const rows = periods.map((row) => [
    row.period,
    number(row.in),
    number(row.out),
    number(row.total),
    percent(row.completeness),
    String(row.suspect),
    String(row.spread),
    String(row.coarse),
    row.doubts.join(' '),
  ]);
  const beside = unbooked.map(({ from, to, direction, passages, doubt }) => [
    `${from} to ${to}`,
    direction,
    String(passages),
    doubt ?? '',
  ]);
  const heading = ['PERIOD', 'IN', 'OUT', 'TOTAL', 'COUNTED', 'SUSPECT', 'SPREAD', 'COARSE', 'DOUBTS'];
  if (beside.length === 0) return table(heading, rows);
  const lines = table(['TIME', 'DIRECTION', 'PASSAGES', 'DOUBT'], beside);
  return `${table(heading, rows)}\nIn none of these, because nobody knows when in that time:\n${lines}`;
};

const comparisonsText = (comparisons: readonly Static<typeof ComparisonsOut>['comparisons'][number][]): string =>
  table(
    ['PERIOD', 'TOTAL', 'COUNTED', 'BEFORE', 'TOTAL', 'COUNTED', 'CHANGE', 'NOT COMPARED'],
    comparisons.map((row) => [
      row.period,
      number(row.total),
      percent(row.completeness),
      row.before?.period ?? '-',
      number(row.before?.total ?? null),
      row.before === null ? '-' : percent(row.before.completeness),
      row.change === null ? '-' : `${row.change}${row.changeShare === null ? '' : ` (${percent(row.changeShare)})`}`,
      row.notCompared ?? '',
    ]),
  );
