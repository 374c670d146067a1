import { Type, type Static } from 'typebox';
import { iso, quantityIds, quantityOf, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { hourSeries, type Series } from '../../infra/averages/series.ts';
import { summaryOf } from '../../infra/averages/summary.ts';
import type { Http } from '../../infra/http/server.ts';
import { numberOrNull, oneOf, textOrNull, time, timeOrNull, isoOrNull } from '../wire.ts';
import { averagesAsked, averagesFrom, chosenQuery, heavyAverages, maxFlagQuery } from './averages-from.ts';
import { HOURS_A_PAGE, periodsOf } from './averages-page.ts';
import { closed, problems } from './answers.ts';
import { Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { spanOf, spanQuery } from './selection.ts';
import { sendTable, tableAnswers } from './tables.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';

const percentileOf = (percent: string) => numberOrNull({ description: `The ${percent}th percentile of the hours` });
const SummaryOut = closed({
  device: Type.String(),
  site: textOrNull({ description: 'Where the device stood; of one that was moved there is a row for each site' }),
  quantity: oneOf(quantityIds),
  unit: Type.String(),
  from: time('GMT, the beginning of an hour'),
  to: time('GMT, the end of an hour'),
  mean: numberOrNull({ description: 'Of the valid hours; null, as all figures here, where there is none' }),
  min: numberOrNull({ description: 'The lowest hour' }),
  max: numberOrNull({ description: 'The highest hour' }),
  maxAt: timeOrNull('The beginning of the highest hour'),
  p50: percentileOf('50'),
  p90: percentileOf('90'),
  p98: percentileOf('98'),
  p99_8: percentileOf('99.8'),
  count: Type.Integer({ description: 'Valid hours' }),
  capture: Type.Number({ description: 'Their share of all hours, 0 to 1' }),
  valid: Type.Boolean({ description: 'Whether that is enough, 75 %' }),
});
/** A page of `GET /api/v1/averages/summary`. */
export const SummariesOut = closed({ summaries: Type.Array(SummaryOut), next: Next });
type Row = Static<typeof SummaryOut>;
const columns = [
  'device',
  'site',
  'quantity',
  'unit',
  'from',
  'to',
  'mean',
  'min',
  'max',
  'maxAt',
  'p50',
  'p90',
  'p98',
  'p99_8',
  'count',
  'capture',
  'valid',
] as const satisfies readonly (keyof Row)[];

const rowOut = (
  { device, site, quantity, means }: Series,
  span: { readonly from: Instant; readonly to: Instant },
): Row => {
  const { mean, min, max, maxAt, percentiles, count, capture, valid } = summaryOf(means, span);
  const whose = { device, site, quantity, unit: quantityOf(quantity).unit, from: iso(span.from), to: iso(span.to) };
  return { ...whose, mean, min, max, maxAt: isoOrNull(maxAt ?? undefined), ...percentiles, count, capture, valid };
};

/** What a stretch of time was like: mean, bounds and percentiles of hours. */
export const summaryRoutes = (api: Http, parts: ApiParts): void => {
  const { clock, may } = parts;
  api.get(
    '/averages/summary',
    {
      ...may.read,
      ...heavyAverages,
      schema: {
        tags: ['averages'],
        operationId: 'summariseAverages',
        summary: 'A stretch of time in figures',
        description:
          'Of each datastream that measured anything in it: mean, bounds and percentiles of its valid hours. In order of device' +
          ' and quantity; a page ends after so many devices as it may read. As CSV with `Accept: text/csv`. Needs `read`.',
        querystring: closed({
          ...chosenQuery,
          ...maxFlagQuery,
          ...spanQuery,
          cursor: pageQuery.cursor,
        }),
        response: {
          200: tableAnswers('A page of summaries', SummariesOut),
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { cursor, ...given } = request.query;
      const { devices, asked } = averagesAsked(given, parts);
      const { from, to } = periodsOf('1h', spanOf(given), clock);
      const hours = Math.max(1, (to - from) / HOUR_MS);
      const limit = Math.max(1, Math.floor(HOURS_A_PAGE / hours));
      const { page, next } = pageOf(devices, (device) => device, { limit, cursor });
      const series = await hourSeries(averagesFrom(parts), {
        ...asked,
        devices: page,
        from,
        to,
      });
      const keyed = series.map((each) => ({ each, key: `${each.device} ${each.quantity} ${each.site ?? ''}` }));
      const rows = keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ each }) => rowOut(each, { from, to }));
      return sendTable(request, reply, { name: 'summaries', columns, rows, next });
    },
  );
};
