import type { FastifyReply } from 'fastify';
import { Type, type Static } from 'typebox';
import {
  Invalid,
  iso,
  quantityIds,
  quantityOf,
  type Instant,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { aggregates, type Aggregate, type Bucket } from '../../infra/timeseries/contract.ts';
import { keptSinceOf } from '../../infra/timeseries/kept.ts';
import { tierFor } from '../../infra/timeseries/pieces.ts';
import {
  isoOrNull,
  numberOrNull,
  ObservationOut,
  observationOut,
  oneOf,
  textOrNull,
  time,
  timeOrNull,
} from '../wire.ts';
import { atMost } from '../limits.ts';
import { intervalsOf, intervalsPage } from './aggregate.ts';
import { closed, problems } from './answers.ts';
import { csv, type Cell } from './csv.ts';
import { LIMIT_DEFAULT, linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { confined, SEEN } from './seen.ts';
import { candidates, selectionOf, selectionQuery, spanOf, spanQuery } from './selection.ts';

const tags = ['observations'];

/**
 * Reads of observations by one key in ten seconds: a wall of screens polling each second passes, a runaway script does
 * not take the thread that uplinks need.
 */
const heavy = atMost(600, 10, 'observations');

/** A row is an observation, or, with `every`, an interval: that has no receipt, no raw value and no flag, but a count. */
const RowOut = closed({
  device: ObservationOut.properties.device,
  site: textOrNull({ description: 'Where the device was deployed at that time; null when nowhere' }),
  quantity: oneOf(quantityIds),
  unit: Type.String({ description: 'UCUM code; `1` for a count of values' }),
  time: time('Phenomenon time; with `every`, the beginning of the interval'),
  receivedAt: Type.Optional(ObservationOut.properties.receivedAt),
  value: numberOrNull({ description: 'Null when there is none; `reason` then says why' }),
  raw: Type.Optional(ObservationOut.properties.raw),
  flag: Type.Optional(ObservationOut.properties.flag),
  reason: ObservationOut.properties.reason,
  count: Type.Optional(Type.Integer({ description: 'With `every`: how many values are in the interval' })),
});
type Row = Static<typeof RowOut>;
const keptSinceWords =
  'Before this the answer is made of what is left: retention has taken, or is about to take, ' +
  'some of what was said in the span. Null where the span has lost nothing';
const NewestOut = closed({ observations: Type.Array(RowOut), next: Next });
const PageOut = closed({ observations: Type.Array(RowOut), keptSince: timeOrNull(keptSinceWords), next: Next });
/** The same in CSV, which has no place for it. */
const KEPT_SINCE = 'Kerbside-Kept-Since';

const answers = (description: string, page: typeof PageOut | typeof NewestOut) => ({
  200: {
    description,
    content: {
      'application/json': { schema: page },
      'text/csv': {
        schema: Type.String({
          description:
            'RFC 4180, with a header; the place to go on from is in the `Link` header' +
            (page === PageOut ? `, \`keptSince\`, where it is not null, in \`${KEPT_SINCE}\`` : ''),
        }),
      },
    },
  },
  ...problems(404, 429),
});

const observationColumns = [
  'device',
  'site',
  'quantity',
  'unit',
  'time',
  'receivedAt',
  'value',
  'raw',
  'flag',
  'reason',
] as const satisfies readonly (keyof Row)[];
const intervalColumns = [
  'device',
  'site',
  'quantity',
  'unit',
  'time',
  'value',
  'count',
] as const satisfies readonly (keyof Row)[];

const table = (columns: readonly (keyof Row)[], rows: readonly Row[]): string =>
  csv(
    columns,
    rows.map((row) => columns.map((column): Cell => row[column] ?? null)),
  );

/** JSON unless the request would rather have CSV. */
const sendRows = (
  reply: FastifyReply,
  {
    rows,
    next,
    columns,
    kept,
  }: {
    readonly rows: readonly Row[];
    readonly next: string | undefined;
    readonly columns: readonly (keyof Row)[];
    readonly kept?: { readonly since: Instant | undefined };
  },
) => {
  if (kept?.since !== undefined) void reply.header(KEPT_SINCE, iso(kept.since));
  const link = linkNext(reply.request, reply, next);
  void reply.header('Vary', 'Accept');
  if (/\btext\/csv\b/.test(reply.request.headers.accept ?? ''))
    return reply.type('text/csv; charset=utf-8; header=present').send(table(columns, rows));
  return reply
    .type('application/json; charset=utf-8')
    .send({ observations: rows, ...(kept === undefined ? {} : { keptSince: isoOrNull(kept.since) }), next: link });
};

const intervalRow = (bucket: Bucket, aggregate: Aggregate, registry: Registry): Row => ({
  device: bucket.device,
  site: registry.deployment(bucket.device, bucket.time)?.site ?? null,
  quantity: bucket.quantity,
  unit: aggregate === 'count' ? '1' : quantityOf(bucket.quantity).unit,
  time: iso(bucket.time),
  value: bucket.value,
  count: bucket.count,
});

const ListQuery = closed({
  ...selectionQuery,
  ...spanQuery,
  every: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'Values by interval, aligned to 1970-01-01T00:00Z: `15m`, `1h`, `1d` or ISO 8601 `PT15M`. Needs `from`;' +
        ' `to` is now unless given',
    }),
  ),
  aggregate: Type.Optional(
    oneOf(aggregates, {
      description:
        'How the values of an interval become one; `mean` unless given. Absent values take no part, and failed ones (flag 4) only where `maxFlag` is 4 or 9',
    }),
  ),
  ...pageQuery,
});

/** Observations: the raw series, values by interval, and the newest. */
export const observationRoutes = (
  api: Http,
  { timeseries, catalogue, clock, may, seenBy, retention }: ApiParts,
): void => {
  api.get(
    '/observations',
    {
      ...may.see,
      ...heavy,
      schema: {
        tags,
        operationId: 'listObservations',
        summary: 'Observations, or values by interval',
        description:
          'In order of device and time. Without `from` and `to` it is everything, a page at a time. As CSV with' +
          ' `Accept: text/csv`. ' +
          SEEN,
        querystring: ListQuery,
        response: answers('A page of observations', PageOut),
      },
    },
    async (request, reply) => {
      const { every, aggregate, limit = LIMIT_DEFAULT, cursor, ...given } = request.query;
      const seen = seenBy(request);
      const { registry } = seen;
      const selection = confined(selectionOf(given, registry), seen);
      const span = spanOf(given);
      if (every === undefined) {
        if (aggregate !== undefined)
          throw new Invalid('duration-missing', 'every: `aggregate` needs a length of interval, such as 1h');
        const { observations, next } = await timeseries.range({
          ...selection,
          ...span,
          limit,
          ...(cursor === undefined ? {} : { after: cursor }),
        });
        const since = keptSinceOf({ ...span, tier: 'raw' }, retention, clock.now());
        return sendRows(reply, {
          rows: observations.map(observationOut),
          next,
          columns: observationColumns,
          kept: { since },
        });
      }
      const intervals = intervalsOf(every, aggregate, span, clock);
      const { buckets, next } = await intervalsPage(
        { timeseries, registry, catalogue },
        { selection, intervals, limit, cursor },
      );
      return sendRows(reply, {
        rows: buckets.map((bucket) => intervalRow(bucket, intervals.aggregate, registry)),
        next,
        columns: intervalColumns,
        kept: {
          since: keptSinceOf({ ...intervals, tier: tierFor({ ...intervals, ...selection }) }, retention, clock.now()),
        },
      });
    },
  );
  api.get(
    '/observations/latest',
    {
      ...may.see,
      ...heavy,
      schema: {
        tags,
        operationId: 'latestObservations',
        summary: 'The newest value of each datastream',
        description:
          'By phenomenon time, of registered devices, in order of device; what is older than 31 days is ' +
          'history. `maxFlag` leaves out those whose newest value is worse. `limit` counts devices here. As CSV' +
          ' with `Accept: text/csv`. ' +
          SEEN,
        querystring: closed({ ...selectionQuery, ...pageQuery }),
        response: answers('A page of newest values', NewestOut),
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...given } = request.query;
      const seen = seenBy(request);
      const { registry } = seen;
      const selection = confined(selectionOf(given, registry), seen);
      const { page, next } = pageOf(candidates(selection, registry, clock.now()), (id) => id, { limit, cursor });
      const observations =
        page.length === 0 ? [] : await timeseries.latest({ ...selection, devices: page, now: clock.now() });
      return sendRows(reply, {
        rows: [...observations].sort(byDevice).map(observationOut),
        next,
        columns: observationColumns,
      });
    },
  );
};

const byDevice = (a: Observation, b: Observation): number =>
  a.device === b.device ? (a.quantity < b.quantity ? -1 : 1) : a.device < b.device ? -1 : 1;
