import type { FastifyReply } from 'fastify';
import { Type, type Static } from 'typebox';
import { Flag, Invalid, iso, instant, NotFound, parseIso, type Clock } from '../../device-profiles/vocabulary/index.ts';
import {
  beginOfDay,
  localIso,
  periodName,
  periodLengths,
  type PeriodLength,
  type Span,
} from '../../infra/footfall/civil-time.ts';
import { baselines, refusals, type Comparison } from '../../infra/footfall/compare.ts';
import { doubts } from '../../infra/footfall/count.ts';
import {
  comparisonsOf,
  countsOfPlace,
  type CountParts,
  type Counts,
  type Place,
} from '../../infra/footfall/footfall.ts';
import type { Row } from '../../infra/footfall/series.ts';
import { directions, quantitiesOf, subjects, type Subject } from '../../infra/footfall/subject.ts';
import type { Http } from '../../infra/http/server.ts';
import { numberOrNull, oneOf, time } from '../wire.ts';
import { atMost } from '../limits.ts';
import { closed, problems } from './answers.ts';
import { csv, type Cell } from './csv.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { selectionOf, spanOf } from './selection.ts';

const tags = ['footfall'];
/** A year of one counter is a fifth of a million values: as seldom as a person looks at a report. */
const heavy = atMost(60, 10, 'footfall');
/** A year of hours, with some to spare. */
const PERIODS_AT_MOST = 10_000;
const HOURS = { hour: 1, day: 24, week: 168, month: 672 } as const;
/** UCUM, as for all counts: passages, not different people. */
const UNIT = '{count}';

const askedQuery = {
  site: Type.Optional(
    Type.String({ maxLength: 64, description: 'All that was counted there. Either this or `device`' }),
  ),
  device: Type.Optional(Type.String({ maxLength: 64, description: 'What this device counted, wherever it was' })),
  from: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'Beginning: a day of UK time such as 2026-11-23, or a time, UTC without a zone',
    }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'End, exclusive, said as `from`; now unless given' })),
  of: Type.Optional(oneOf(subjects, { description: 'What is counted; `footfall` unless given' })),
  maxFlag: Type.Optional(
    Type.Integer({
      enum: [1, 2, 3],
      description: 'The worst flag that takes part; 2 unless given. 3: suspect values too',
    }),
  ),
};

const count = (description: string) => numberOrNull({ description });
const whole = (description: string) => Type.Integer({ minimum: 0, description });
const PeriodOut = closed({
  period: Type.String({ description: 'Its name: an hour of UK time with its offset, a day, an ISO week, a month' }),
  from: time('Beginning, UTC'),
  to: time('End, UTC: a day of UK time has 23, 24 or 25 hours'),
  localFrom: time('Beginning, UK time'),
  localTo: time('End, UK time'),
  unit: Type.String({ description: 'UCUM code. Passages, not different people' }),
  in: count('Null when not known'),
  out: count('Null when not known'),
  total: count('All directions; null when one of them is not known'),
  net: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'In less out' }),
  completeness: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'How much of the period was counted; of the directions, the one that knows least',
  }),
  suspect: whole('How many of the total are in doubt'),
  doubts: Type.Array(oneOf(doubts), { description: 'Why; docs/footfall.md says what each means' }),
  edge: whole('How many of the total are of intervals that reach over an end of the period'),
  spread: whole('How many of the total were spread over it from a longer stretch'),
  coarse: whole(
    'How many of the total are known by the hour or by the day only, because retention has taken the single readings',
  ),
});
const RowOut = closed({
  ...PeriodOut.properties,
  presence: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'Of hours: in less out since the last reset, at the end of the hour',
  }),
});
const stretch = { device: Type.String(), direction: oneOf(directions), from: time('UTC'), to: time('UTC') };
const UnbookedOut = closed({
  ...stretch,
  passages: Type.Integer({ minimum: 0 }),
  doubt: Type.Union([oneOf(doubts), Type.Null()]),
});
const DifferenceOut = closed({
  ...stretch,
  periods: Type.Integer({ minimum: 0 }),
  total: Type.Integer({ minimum: 0 }),
});
/** An answer of `GET /api/v1/footfall`. */
export const FootfallOut = closed({
  of: oneOf(subjects),
  devices: Type.Array(Type.String(), { description: 'Which counted, or should have' }),
  periods: Type.Array(RowOut),
  unbooked: Type.Array(UnbookedOut, {
    description: 'Counts of stretches that belong in no single period of the page: they are in none of its numbers',
  }),
  differences: Type.Array(DifferenceOut, {
    description: "Where the periods' counts and what the running total rose by disagree; the periods' counts are used",
  }),
  leftOut: whole(
    'Readings in the time asked for, and a week on either side, that say what cannot be, or the same again',
  ),
  next: Next,
});
const ComparisonOut = closed({
  ...PeriodOut.properties,
  before: Type.Union([PeriodOut, Type.Null()], { description: 'The period it is compared with' }),
  change: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'Total less the total before; null when not compared',
  }),
  changeShare: numberOrNull({ description: '`change` as a share of the total before: 0.1 is a tenth more' }),
  notCompared: Type.Union([oneOf(refusals), Type.Null()], { description: 'Why not' }),
});
/** An answer of `GET /api/v1/footfall/compare`. */
export const ComparisonsOut = closed({
  of: oneOf(subjects),
  with: oneOf(baselines),
  comparisons: Type.Array(ComparisonOut),
  next: Next,
});

const periodOut = (row: Row, length: PeriodLength): Static<typeof PeriodOut> => ({
  period: periodName(row, length),
  from: iso(row.from),
  to: iso(row.to),
  localFrom: localIso(row.from),
  localTo: localIso(row.to),
  unit: UNIT,
  in: row.in,
  out: row.out,
  total: row.total,
  net: row.net,
  completeness: Math.round(row.completeness * 10_000) / 10_000,
  suspect: row.suspect,
  doubts: [...row.doubts],
  edge: row.edge,
  spread: row.spread,
  coarse: row.coarse,
});
const comparisonOut = (
  { row, before, change, changeShare, notCompared }: Comparison,
  length: PeriodLength,
): Static<typeof ComparisonOut> => ({
  ...periodOut(row, length),
  before: before === undefined ? null : periodOut(before, length),
  change,
  changeShare: changeShare === null ? null : Math.round(changeShare * 10_000) / 10_000,
  notCompared,
});

interface Given {
  readonly site?: string;
  readonly device?: string;
  readonly from?: string;
  readonly to?: string;
  readonly of?: (typeof subjects)[number];
  readonly maxFlag?: number;
}

/** Whose counts, and when. @throws Invalid (`place-unclear`, `time-missing`, `time-invalid`, `span-invalid`, `too-many-intervals`), NotFound. */
const askedOf = (given: Given, length: PeriodLength, { registry, clock }: Pick<ApiParts, 'registry' | 'clock'>) => {
  const { site, device, of = 'footfall' } = given;
  if ((site === undefined) === (device === undefined))
    throw new Invalid(
      'place-unclear',
      'site, device: give one of them, because counts of several places are no count of one',
    );
  const {
    sites,
    devices,
    maxFlag = Flag.notEvaluated,
  } = selectionOf(
    {
      maxFlag: given.maxFlag ?? Flag.notEvaluated,
      ...(site === undefined ? {} : { site: [site] }),
      ...(device === undefined ? {} : { device: [device] }),
    },
    registry,
  );
  const [theSite, theDevice] = [sites?.[0], devices?.[0]];
  if ((sites?.length ?? 0) + (devices?.length ?? 0) > 1)
    throw new Invalid('place-unclear', 'site, device: give one only');
  const place: Place | undefined =
    theSite !== undefined ? { site: theSite } : theDevice !== undefined ? { device: theDevice } : undefined;
  if (place === undefined) throw new Invalid('place-unclear', 'site, device: give one of them');
  const span = daysAsSpan(given, clock);
  const periods = (span.to - span.from) / 3_600_000 / HOURS[length];
  if (periods > PERIODS_AT_MOST)
    throw new Invalid(
      'too-many-intervals',
      `every: ${Math.ceil(periods)} periods lie between from and to; at most ${PERIODS_AT_MOST} are answered`,
    );
  return { ...span, place, subject: of, length, maxFlag };
};

/**
 * A device that cannot count and never did: an answer without numbers would look like a street without people.
 * @throws NotFound (`counts-nothing`).
 */
const assertCounts = async (
  { place, subject }: { readonly place: Place; readonly subject: Subject },
  { registry, catalogue, timeseries }: Pick<CountParts, 'registry' | 'catalogue' | 'timeseries'>,
): Promise<void> => {
  if (!('device' in place)) return;
  const device = registry.device({ by: 'id', value: place.device });
  const profile = device === undefined ? undefined : catalogue.get(device.profile);
  const quantities = quantitiesOf(subject);
  const counted: ReadonlySet<string> = new Set(quantities);
  if (profile === undefined || [...profile.fields.values()].some(({ quantity }) => counted.has(quantity))) return;
  const { observations } = await timeseries.range({ devices: [place.device], quantities, limit: 1 });
  if (observations.length === 0)
    throw new NotFound(
      'counts-nothing',
      `device: ${place.device} counts no ${subject === 'footfall' ? 'people' : subject}: its profile ${profile.id} has none of ${quantities.join(', ')}`,
    );
};

/** A bare day is one of UK time; all else is read as everywhere. */
const daysAsSpan = ({ from, to }: Given, clock: Clock): Span => {
  if (from === undefined) throw new Invalid('time-missing', 'from: counts by period need a beginning');
  const span = spanOf({
    from: midnight(from),
    ...(to === undefined ? { to: iso(clock.now()) } : { to: midnight(to) }),
  });
  if (span.from === undefined || span.to === undefined)
    throw new Invalid('time-missing', 'from: counts by period need a beginning');
  return { from: span.from, to: span.to };
};
const midnight = (text: string): string => {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? parseIso(text) : undefined;
  return day === undefined ? text : iso(beginOfDay(Math.floor(instant(day) / 86_400_000)));
};

const wantsCsv = (reply: FastifyReply): boolean => {
  void reply.header('Vary', 'Accept');
  return /\btext\/csv\b/.test(reply.request.headers.accept ?? '');
};
const sendCsv = (reply: FastifyReply, columns: readonly string[], rows: readonly (readonly Cell[])[]) =>
  reply.type('text/csv; charset=utf-8; header=present').send(csv(columns, rows));

const periodColumns = [
  'period',
  'from',
  'to',
  'localFrom',
  'localTo',
  'unit',
  'in',
  'out',
  'total',
  'net',
  'completeness',
  'suspect',
  'doubts',
  'edge',
  'spread',
  'coarse',
] as const;
const periodCells = (row: Static<typeof PeriodOut>): Cell[] =>
  periodColumns.map((column) => (column === 'doubts' ? row.doubts.join(' ') : row[column]));

/** In a table a stretch that is booked nowhere is a row of its own, lest somebody adds up the others and misses it. */
const unbookedCells = ({ from, to, direction, passages, doubt }: Counts['unbooked'][number]): Cell[] => {
  const cells: Record<string, Cell> = {
    period: 'unbooked',
    from: iso(from),
    to: iso(to),
    localFrom: localIso(from),
    localTo: localIso(to),
    unit: UNIT,
    doubts: doubt ?? '',
  };
  cells[direction === 'all' ? 'total' : direction] = passages;
  return [...periodColumns, 'presence'].map((column) => cells[column] ?? null);
};

const table = (description: string) => ({
  schema: Type.String({ description: `RFC 4180, with a header. ${description}` }),
});

/** Counts of passages: by periods of UK time, and compared. */
export const footfallRoutes = (
  api: Http,
  { timeseries, registry, catalogue, clock, may, footfall }: ApiParts,
): void => {
  const parts: CountParts = { timeseries, registry, catalogue, rules: footfall };
  api.get(
    '/footfall',
    {
      ...may.read,
      ...heavy,
      schema: {
        tags,
        operationId: 'listFootfall',
        summary: 'Counts of passages by hour, day, week or month',
        description:
          'Periods of UK time that the span touches, whole. Passages, not different people; docs/footfall.md has the rules. As CSV with `Accept: text/csv`. Needs `read`.',
        querystring: closed({
          ...askedQuery,
          every: Type.Optional(oneOf(periodLengths, { description: '`day` unless given' })),
          spread: Type.Optional(
            Type.Boolean({
              description:
                'Spread stretches that belong in no single period evenly over those they touch; each number then says how much of it was',
            }),
          ),
          ...pageQuery,
        }),
        response: {
          200: {
            description: 'Counts, in order of time',
            content: {
              'application/json': { schema: FootfallOut },
              'text/csv': table('Stretches that are booked in no period are rows whose `period` is `unbooked`'),
            },
          },
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { every = 'day', spread = false, limit, cursor, ...given } = request.query;
      const asked = { ...askedOf(given, every, { registry, clock }), spread };
      await assertCounts(asked, parts);
      const counts = await countsOfPlace(parts, asked);
      const { page, next } = pageOf(counts.rows, ({ from }) => iso(from), { limit, cursor });
      const [first, last] = [page[0], page.at(-1)];
      const onPage = ({ from, to }: Span): boolean =>
        first !== undefined && last !== undefined && to > first.from && from < last.to;
      const unbooked = counts.unbooked.filter(onPage);
      const rows = page.map((row) => ({ ...periodOut(row, every), presence: row.presence }));
      const link = linkNext(request, reply, next);
      if (wantsCsv(reply))
        return sendCsv(
          reply,
          [...periodColumns, 'presence'],
          [...rows.map((row) => [...periodCells(row), row.presence]), ...unbooked.map(unbookedCells)],
        );
      return reply.type('application/json; charset=utf-8').send({
        of: asked.subject,
        devices: [...counts.devices],
        periods: rows,
        unbooked: unbooked.map(({ from, to, device, direction, passages, doubt }) => ({
          device,
          direction,
          from: iso(from),
          to: iso(to),
          passages,
          doubt: doubt ?? null,
        })),
        differences: counts.differences
          .filter(onPage)
          .map(({ from, to, ...rest }) => ({ ...rest, from: iso(from), to: iso(to) })),
        leftOut: counts.leftOut,
        next: link,
      });
    },
  );
  api.get(
    '/footfall/compare',
    {
      ...may.read,
      ...heavy,
      schema: {
        tags,
        operationId: 'compareFootfall',
        summary: 'Days or weeks beside those before',
        description:
          'Each with the week before, or with the same ISO week and weekday of the year before; not where too little was counted. As CSV with `Accept: text/csv`. Needs `read`.',
        querystring: closed({
          ...askedQuery,
          every: Type.Optional(oneOf(['day', 'week'], { description: '`day` unless given' })),
          with: oneOf(baselines, { description: 'The period before' }),
          ...pageQuery,
        }),
        response: {
          200: {
            description: 'Comparisons, in order of time',
            content: {
              'application/json': { schema: ComparisonsOut },
              'text/csv': table('`before` is the total of the period before'),
            },
          },
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { every = 'day', with: baseline, limit, cursor, ...given } = request.query;
      const asked = askedOf(given, every, { registry, clock });
      await assertCounts(asked, parts);
      const comparisons = await comparisonsOf(parts, { ...asked, length: every, baseline });
      const { page, next } = pageOf(comparisons, ({ row }) => iso(row.from), { limit, cursor });
      const rows = page.map((comparison) => comparisonOut(comparison, every));
      const link = linkNext(request, reply, next);
      if (wantsCsv(reply)) {
        const columns = [
          ...periodColumns,
          'before',
          'beforePeriod',
          'beforeCompleteness',
          'change',
          'changeShare',
          'notCompared',
        ];
        return sendCsv(
          reply,
          columns,
          rows.map((row) => [
            ...periodCells(row),
            row.before?.total ?? null,
            row.before?.period ?? null,
            row.before?.completeness ?? null,
            row.change,
            row.changeShare,
            row.notCompared,
          ]),
        );
      }
      return reply
        .type('application/json; charset=utf-8')
        .send({ of: asked.subject, with: baseline, comparisons: rows, next: link });
    },
  );
};
