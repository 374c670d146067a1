import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { beginOfDay, dayOf, periodAt, weekdayOf, type Span } from '../../infra/footfall/civil-time.ts';
import { comparisonsOf, countsOfPlace, type CountParts } from '../../infra/footfall/footfall.ts';
import type { Row } from '../../infra/footfall/series.ts';
import { isCounterOf, quantitiesOf, subjects, type Subject } from '../../infra/footfall/subject.ts';
import type { Site } from '../../infra/registry/contract.ts';
import type { ChartPoint, ChartSeries } from '../chart/shape.ts';
import { chartView, type ChartView } from '../chart/view.ts';
import type { SensorNow } from '../now/overview.ts';
import type { Words } from '../words/index.ts';
import type { PageParts } from './page.ts';

/** What was counted at a site: by the hour, by the day beside a week before, and this week against the last. */
export interface CountsView {
  readonly subject: Subject;
  readonly heading: string;
  /** This week so far, in a sentence, beside the same days of the week before. */
  readonly week: string;
  /** Undefined where of no whole hour anything is known. */
  readonly hours: ChartView | undefined;
  readonly days: ChartView;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Flags 1 and 2: what passed, and what was not checked. */
const MAX_FLAG = 2;
/** A period of which less was counted is shown, and marked as suspect. */
const say = (value: number): string => Math.round(value).toLocaleString('en-GB');

/** Counts of a site that are kept by hour and by day, each as rows of numbers. */
export const countedBy = ['hour', 'day'] as const;
export type CountedBy = (typeof countedBy)[number];

/** What is counted at a site, by what its sensors are and say. */
export const countedAt = (
  sensors: readonly SensorNow[],
  { catalogue }: Pick<PageParts, 'catalogue'>,
): readonly Subject[] =>
  subjects.filter((subject) => {
    const wanted = new Set(quantitiesOf(subject));
    return sensors.some(
      ({ device, values }) =>
        isCounterOf(catalogue.get(device.profile), subject) || values.some(({ quantity }) => wanted.has(quantity)),
    );
  });

/** The counts of a site. @throws Unavailable while the store does not answer. */
export const countsAt = async (
  site: Site,
  sensors: readonly SensorNow[],
  parts: PageParts,
  words: Words,
): Promise<readonly CountsView[]> => {
  const found: CountsView[] = [];
  for (const subject of countedAt(sensors, parts)) found.push(await countsView(site, subject, parts, words));
  return found;
};

const countParts = ({ timeseries, registry, catalogue, config }: PageParts): CountParts => ({
  timeseries,
  registry,
  catalogue,
  rules: config.footfall,
});

/** Rows of the last 24 hours, or of the last seven days. */
export const countRows = async (
  site: Site,
  { subject, by }: { readonly subject: Subject; readonly by: CountedBy },
  parts: PageParts,
): Promise<readonly Row[]> => {
  const now = parts.clock.now();
  const asked = { place: { site: site.id }, subject, length: by, spread: false, maxFlag: MAX_FLAG } as const;
  return (await countsOfPlace(countParts(parts), { ...asked, ...(by === 'hour' ? lastHours(now) : lastDays(now)) }))
    .rows;
};

const lastHours = (now: Instant): Span => ({ from: instant(now - DAY_MS), to: now });
const lastDays = (now: Instant): Span => ({ from: beginOfDay(dayOf(now) - 6), to: now });

const countsView = async (site: Site, subject: Subject, parts: PageParts, words: Words): Promise<CountsView> => {
  const now = parts.clock.now();
  const hours = (await countRows(site, { subject, by: 'hour' }, parts)).filter(({ to }) => to <= now);
  const asked = { place: { site: site.id }, subject, maxFlag: MAX_FLAG, baseline: 'last-week' } as const;
  // From the Monday on, or seven days back where that is longer.
  const monday = periodAt(now, 'week').from;
  const from = instant(Math.min(monday, lastDays(now).from));
  const days = await comparisonsOf(countParts(parts), { ...asked, length: 'day', from, to: now });
  const shown = days.slice(-7);
  const before = shown.map(({ row, before: then }) =>
    then === undefined ? undefined : { ...then, from: row.from, to: row.to },
  );
  const least = parts.config.footfall.minCompleteness;
  const csv = (by: CountedBy): string =>
    `/sites/${encodeURIComponent(site.id)}/counts.csv?${new URLSearchParams({ of: subject, by }).toString()}`;
  const heading = words.say(`counts.${subject}`);
  return {
    subject,
    heading,
    week: weekWords(
      days.filter(({ row }) => row.from >= monday),
      now,
      words,
    ),
    hours: hours.every(({ total }) => total === null)
      ? undefined
      : chartView(
          {
            id: `counts-${subject}-hours`,
            title: words.say('counts.hours-title', { what: heading }),
            unit: '',
            form: 'bars',
            ...wholeHours(hours, now),
            series: [series(words.say('counts.in-the-hour'), hours, { least, everyMs: HOUR_MS })],
            say,
          },
          { csv: csv('hour'), now },
          words,
        ),
    days: chartView(
      {
        id: `counts-${subject}-days`,
        title: words.say('counts.days-title', { what: heading }),
        unit: '',
        form: 'bars',
        from: shown[0]?.row.from ?? from,
        to: shown.at(-1)?.row.to ?? now,
        series: [
          series(
            words.say('counts.these-days'),
            shown.map(({ row }) => row),
            { least: 0, everyMs: DAY_MS },
          ),
          series(
            words.say('counts.week-before'),
            before.filter((row) => row !== undefined),
            { least, everyMs: DAY_MS },
          ),
        ],
        say,
      },
      { csv: csv('day'), now },
      words,
    ),
  };
};

const wholeHours = (rows: readonly Row[], now: Instant): Span => ({
  from: rows[0]?.from ?? instant(now - DAY_MS),
  to: rows.at(-1)?.to ?? now,
});

const series = (
  name: string,
  rows: readonly Row[],
  { least, everyMs }: { readonly least: number; readonly everyMs: number },
): ChartSeries => ({
  name,
  everyMs,
  points: rows.flatMap(({ from, total, completeness, suspect }): readonly ChartPoint[] =>
    total === null ? [] : [{ time: from, value: total, flag: completeness < least || suspect > 0 ? 3 : 1 }],
  ),
});

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** `From Monday to Wednesday 3,210 passed, 4 % more than the week before.` Whole days only, and both counted for long enough. */
const weekWords = (days: Awaited<ReturnType<typeof comparisonsOf>>, now: Instant, words: Words): string => {
  const over = days.filter(({ row }) => row.to <= now);
  const [first] = over;
  if (first === undefined) return words.say('counts.no-day');
  const last = weekdays[weekdayOf(dayOf(over.at(-1)?.row.from ?? first.row.from)) - 1] ?? 'monday';
  const when =
    over.length === 1
      ? words.say('counts.on-monday')
      : words.say('counts.until', { day: words.say(`weekday.${last}`) });
  const sum = (all: readonly (Row | undefined)[]): number => all.reduce((total, row) => total + (row?.total ?? 0), 0);
  if (over.some(({ row }) => row.total === null)) return words.say('counts.not-all', { when });
  const [these, those] = [sum(over.map(({ row }) => row)), sum(over.map(({ before }) => before))];
  const said = { when, count: Math.round(these), before: Math.round(those) };
  if (over.some(({ notCompared }) => notCompared !== null) || those === 0)
    return words.say('counts.not-compared', said);
  const share = Math.round(((these - those) / those) * 100);
  return share === 0
    ? words.say('counts.same', said)
    : words.say(share > 0 ? 'counts.more' : 'counts.fewer', { ...said, share: Math.abs(share) });
};
