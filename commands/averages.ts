import { Command, Option } from 'commander';
import type { Static, TSchema } from 'typebox';
import { AveragesOut } from '../dashboard/api/averages.ts';
import { IndicesOut, LatestIndicesOut } from '../dashboard/api/indices.ts';
import { ObjectivesOut } from '../dashboard/api/objectives.ts';
import { LIMIT_MAX } from '../dashboard/api/paging.ts';
import { SummariesOut } from '../dashboard/api/summaries.ts';
import { periods } from '../infra/averages/periods.ts';
import { csvOf, pagesOf, serverAt } from './ask.ts';
import { table } from './table.ts';

/** How the answer is told, and by whom. */
interface Telling {
  readonly url?: string;
  readonly json?: true;
  readonly csv?: true;
}

interface Chosen extends Telling {
  readonly site?: string;
  readonly device?: string;
  readonly quantity?: string;
  readonly borough?: string;
  readonly from?: string;
  readonly to?: string;
  readonly maxFlag?: string;
}

const FROM = [
  '--from <time>',
  'beginning: a time such as 2026-11-23T09:00:00Z, or a day; GMT unless it says otherwise',
] as const;
const TO = ['--to <time>', 'end, exclusive; now unless given'] as const;

/** What every command of averages can be told. */
const telling = (command: Command): Command =>
  command
    .addOption(new Option('--max-flag <flag>', '3: suspect values take part too').choices(['2', '3']))
    .option('--url <http://host:port>', 'the server; the one of this installation unless given')
    .option('--csv', 'as CSV, as the API writes it')
    .addOption(new Option('--json', 'for scripts: what the API answers, all pages as one').conflicts('csv'));

const help = (...examples: readonly string[]): string =>
  '\nThe server is asked, with the API key in KERBSIDE_KEY. Names may be several, divided by commas.\n\n' +
  `Examples:\n${examples.map((each) => `  kerbside ${each}\n`).join('')}`;

/** `averages`: means with how much was measured of each, and what a stretch of time was like, as a server gives them out. */
export const averagesCommand = (): Command =>
  telling(
    new Command('averages')
      .description(
        'means over quarter-hours, hours, days and years, and figures of a stretch of time, with data capture',
      )
      .option('--site <ids>', 'what was observed at these sites')
      .option('--device <ids>', 'what these devices observed')
      .option('--borough <names>', 'what was observed in these boroughs')
      .option('--quantity <ids>', 'only these, such as no2 or pm2_5')
      .requiredOption(...FROM)
      .option(...TO)
      .addOption(new Option('--period <period>', 'what the means are of').choices([...periods]).default('day'))
      .addOption(new Option('--summary', 'mean, bounds and percentiles of the whole time instead')),
  )
    .addHelpText(
      'after',
      help(
        'averages --site wrs-14 --quantity no2 --from 2026-01-01 --to 2026-02-01',
        'averages --device aq-1 --period 8h --from 2026-06-01 --csv > june.csv',
        'averages --site wrs-14 --summary --from 2025-01-01 --to 2026-01-01',
      ),
    )
    .action(averages);

const averages = async ({
  summary,
  period,
  ...chosen
}: Chosen & { readonly summary?: true; readonly period: string }): Promise<void> => {
  if (summary === true)
    return tell(
      { path: '/api/v1/averages/summary', shape: SummariesOut, asked: {}, rows: 'summaries', text: summariesText },
      chosen,
    );
  return tell(
    {
      path: '/api/v1/averages',
      shape: AveragesOut,
      asked: { period, limit: LIMIT_MAX },
      rows: 'averages',
      text: averagesText,
    },
    chosen,
  );
};

/** `indices`: the Daily Air Quality Index of sites, by the hour or the newest. */
export const indicesCommand = (): Command =>
  telling(
    new Command('indices')
      .description('the Daily Air Quality Index of sites, hour by hour or the newest; always indicative')
      .option('--site <ids>', 'of these sites; all unless given')
      .option('--borough <names>', 'of the sites of these boroughs')
      .option(...FROM)
      .option(...TO)
      .addOption(
        new Option('--latest', 'the newest of each site, with the advice that goes with it').conflicts(['from', 'to']),
      ),
  )
    .addHelpText('after', help('indices --latest', 'indices --site wrs-14 --from 2026-11-01 --csv > november.csv'))
    .action(indices);

const indices = async ({ latest, ...chosen }: Chosen & { readonly latest?: true }): Promise<void> => {
  if (latest === true)
    return tell(
      { path: '/api/v1/indices/latest', shape: LatestIndicesOut, asked: {}, rows: 'indices', text: latestText },
      chosen,
    );
  return tell(
    { path: '/api/v1/indices', shape: IndicesOut, asked: { limit: LIMIT_MAX }, rows: 'indices', text: indicesText },
    chosen,
  );
};

/** `objectives`: a year of a site against UK objectives and WHO guidelines. */
export const objectivesCommand = (): Command =>
  telling(
    new Command('objectives')
      .description('a calendar year of a site against UK objectives and WHO guidelines; provisional and indicative')
      .requiredOption('--site <id>', 'one site')
      .requiredOption('--year <year>', 'a calendar year, GMT'),
  )
    .addHelpText(
      'after',
      help('objectives --site wrs-14 --year 2025', 'objectives --site wrs-14 --year 2025 --csv > 2025.csv'),
    )
    .action(({ year, ...chosen }: Chosen & { readonly year: string }) =>
      tell(
        { path: '/api/v1/objectives', shape: ObjectivesOut, asked: { year }, rows: 'objectives', text: objectivesText },
        chosen,
      ),
    );

/** A route, and how its rows are told to a person. */
interface Form<Shape extends TSchema> {
  readonly path: string;
  readonly shape: Shape;
  readonly asked: Readonly<Record<string, string | number>>;
  /** Under which name the rows stand. */
  readonly rows: string;
  readonly text: (pages: readonly Static<Shape>[]) => string;
}

const tell = async <Shape extends TSchema>(
  { path, shape, asked, rows, text }: Form<Shape>,
  { url, json, csv, ...chosen }: Chosen,
): Promise<void> => {
  const server = serverAt(url);
  const question = { path, asked: { ...chosen, ...asked } };
  if (csv === true) return void process.stdout.write(await csvOf(server, question));
  const pages = await pagesOf(server, { ...question, shape });
  const all = pages.flatMap((page) => new Map<string, unknown>(Object.entries(page)).get(rows));
  process.stdout.write(json === true ? `${JSON.stringify({ [rows]: all, next: null })}\n` : text(pages));
};

const number = (value: number | null): string => (value === null ? '-' : String(Number(value.toPrecision(4))));
const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)}%`);
const yes = (is: boolean): string => (is ? 'yes' : 'no');

const averagesText = (pages: readonly Static<typeof AveragesOut>[]): string =>
  table(
    ['TIME', 'DEVICE', 'SITE', 'QUANTITY', 'VALUE', 'UNIT', 'CAPTURE', 'VALID'],
    pages.flatMap((page) =>
      page.averages.map((row) => [
        row.time,
        row.device,
        row.site ?? '-',
        row.quantity,
        number(row.value),
        row.unit,
        percent(row.capture),
        yes(row.valid),
      ]),
    ),
  );

const summariesText = (pages: readonly Static<typeof SummariesOut>[]): string =>
  table(
    ['DEVICE', 'SITE', 'QUANTITY', 'MEAN', 'MIN', 'P50', 'P90', 'P98', 'P99.8', 'MAX', 'UNIT', 'CAPTURE', 'VALID'],
    pages.flatMap((page) =>
      page.summaries.map((row) => [
        row.device,
        row.site ?? '-',
        row.quantity,
        ...[row.mean, row.min, row.p50, row.p90, row.p98, row.p99_8, row.max].map(number),
        row.unit,
        percent(row.capture),
        yes(row.valid),
      ]),
    ),
  );

const INDEX_HEADING = ['TIME', 'SITE', 'INDEX', 'BAND', 'DECIDED BY', 'CAPTURE'] as const;
type IndexRow = Static<typeof IndicesOut>['indices'][number];
const indexCells = (row: IndexRow): readonly string[] => [
  row.time,
  row.site,
  number(row.index),
  row.band ?? '-',
  row.decidedBy ?? '-',
  percent(row.capture),
];

/** Above what sensors in the street say of an index or an objective (LAQM FAQ 148). */
const INDICATIVE = 'Indicative: of sensors in the street, which nobody has ratified.\n\n';

const indicesText = (pages: readonly Static<typeof IndicesOut>[]): string =>
  INDICATIVE +
  table(
    INDEX_HEADING,
    pages.flatMap((page) => page.indices.map(indexCells)),
  );

const latestText = (pages: readonly Static<typeof LatestIndicesOut>[]): string =>
  INDICATIVE +
  table(
    [...INDEX_HEADING, 'ADVICE'],
    pages.flatMap((page) => page.indices.map((row) => [...indexCells(row), row.advice?.general ?? '-'])),
  );

const objectivesText = (pages: readonly Static<typeof ObjectivesOut>[]): string =>
  `Provisional and i${INDICATIVE.slice(1)}` +
  table(
    ['DEVICE', 'OBJECTIVE', 'VALUE', 'LIMIT', 'UNIT', 'ABOVE', 'ALLOWED', 'EXCEEDED', 'CAPTURE', 'VALID'],
    pages.flatMap((page) =>
      page.objectives.map((row) => [
        row.device,
        row.objective,
        number(row.value),
        number(row.limit),
        row.unit,
        String(row.exceedances),
        String(row.allowed),
        row.exceeded === null ? '-' : yes(row.exceeded),
        percent(row.capture),
        yes(row.valid),
      ]),
    ),
  );
