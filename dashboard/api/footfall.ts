import { Type } from 'typebox';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import { periodLengths, type Span } from '../../infra/footfall/civil-time.ts';
import { baselines } from '../../infra/footfall/compare.ts';
import { comparisonsOf, countsOfPlace, type CountParts } from '../../infra/footfall/footfall.ts';
import type { Http } from '../../infra/http/server.ts';
import { oneOf } from '../wire.ts';
import { atMost } from '../limits.ts';
import { closed, problems } from './answers.ts';
import { askedOf, askedQuery, assertCounts } from './footfall-asked.ts';
import {
  comparisonCells,
  comparisonColumns,
  rowCells,
  rowColumns,
  sendCsv,
  tableAnswer,
  unbookedCells,
  wantsCsv,
} from './footfall-csv.ts';
import { comparisonOut, ComparisonsOut, FootfallOut, periodOut } from './footfall-shapes.ts';
import { linkNext, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['footfall'];
/** A year of one counter is a fifth of a million values: as seldom as a person looks at a report. */
const heavy = atMost(60, 10, 'footfall');

/** Counts of passages: by periods of UK time, and compared. */
export const footfallRoutes = (api: Http, parts: ApiParts): void => {
  listing(api, parts);
  comparing(api, parts);
};

const countedFrom = ({ timeseries, registry, catalogue, footfall }: ApiParts): CountParts => ({
  timeseries,
  registry,
  catalogue,
  rules: footfall,
});

const listing = (api: Http, parts: ApiParts): void => {
  api.get(
    '/footfall',
    {
      ...parts.may.read,
      ...heavy,
      schema: {
        tags,
        operationId: 'listFootfall',
        summary: 'Counts of passages by hour, day, week or month',
        description:
          'Periods of UK time that the span touches, whole. Passages, not different people; ' +
          'docs/footfall.md has the rules. As CSV with `Accept: text/csv`. Needs `read`.',
        querystring: closed({
          ...askedQuery,
          every: Type.Optional(oneOf(periodLengths, { description: '`day` unless given' })),
          spread: Type.Optional(
            Type.Boolean({
              description:
                'Spread stretches that belong in no single period evenly over those they touch; ' +
                'each number then says how much of it was',
            }),
          ),
          ...pageQuery,
        }),
        response: {
          200: {
            description: 'Counts, in order of time',
            content: {
              'application/json': { schema: FootfallOut },
              'text/csv': tableAnswer('Stretches that are booked in no period are rows whose `period` is `unbooked`'),
            },
          },
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { every = 'day', spread = false, limit, cursor, ...given } = request.query;
      const asked = { ...askedOf(given, every, parts), spread };
      await assertCounts(asked, parts);
      const counts = await countsOfPlace(countedFrom(parts), asked);
      const { page, next } = pageOf(counts.rows, ({ from }) => iso(from), { limit, cursor });
      const [first, last] = [page[0], page.at(-1)];
      const onPage = ({ from, to }: Span): boolean =>
        first !== undefined && last !== undefined && to > first.from && from < last.to;
      const unbooked = counts.unbooked.filter(onPage);
      const rows = page.map((row) => ({ ...periodOut(row, every), presence: row.presence }));
      const link = linkNext(request, reply, next);
      if (wantsCsv(reply)) return sendCsv(reply, rowColumns, [...rows.map(rowCells), ...unbooked.map(unbookedCells)]);
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
};

const comparing = (api: Http, parts: ApiParts): void => {
  api.get(
    '/footfall/compare',
    {
      ...parts.may.read,
      ...heavy,
      schema: {
        tags,
        operationId: 'compareFootfall',
        summary: 'Days or weeks beside those before',
        description:
          'Each with the week before, or with the same ISO week and weekday of the year before; ' +
          'not where too little was counted. As CSV with `Accept: text/csv`. Needs `read`.',
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
              'text/csv': tableAnswer('`before` is the total of the period before'),
            },
          },
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { every = 'day', with: baseline, limit, cursor, ...given } = request.query;
      const asked = askedOf(given, every, parts);
      await assertCounts(asked, parts);
      const comparisons = await comparisonsOf(countedFrom(parts), { ...asked, length: every, baseline });
      const { page, next } = pageOf(comparisons, ({ row }) => iso(row.from), { limit, cursor });
      const rows = page.map((comparison) => comparisonOut(comparison, every));
      const link = linkNext(request, reply, next);
      if (wantsCsv(reply)) return sendCsv(reply, comparisonColumns, rows.map(comparisonCells));
      return reply
        .type('application/json; charset=utf-8')
        .send({ of: asked.subject, with: baseline, comparisons: rows, next: link });
    },
  );
};
