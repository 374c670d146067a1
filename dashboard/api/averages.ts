import { Type, type Static } from 'typebox';
import {
  iso,
  quantityIds,
  quantityOf,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { measuredBy } from '../../infra/averages/measures.ts';
import { periods, type Period } from '../../infra/averages/periods.ts';
import { seriesOf } from '../../infra/averages/series.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Selection } from '../../infra/timeseries/contract.ts';
import { numberOrNull, oneOf, textOrNull, time } from '../wire.ts';
import { averagesAsked, averagesFrom, chosenQuery, heavyAverages, maxFlagQuery } from './averages-from.ts';
import { periodsOf, periodsPage } from './averages-page.ts';
import { closed, problems } from './answers.ts';
import { LIMIT_DEFAULT, Next, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { spanOf, spanQuery } from './selection.ts';
import { sendTable, tableAnswers } from './tables.ts';

const MeanOut = closed({
  device: Type.String({ description: 'Id of the device: those of two are never in one mean' }),
  site: textOrNull({ description: 'Where the device stood: what it observed before it was moved is in other means' }),
  quantity: oneOf(quantityIds),
  unit: Type.String({ description: "The quantity's canonical unit, a UCUM code" }),
  period: oneOf(periods),
  time: time('GMT: the beginning of the period; of the running means `8h` and `24h` their last hour'),
  value: numberOrNull({
    description:
      'Null for a year of which nothing valid was measured: of each named quantity that the device measures, by its profile or because it ever said it',
  }),
  capture: Type.Number({ description: 'The share of the period that was measured, 0 to 1' }),
  valid: Type.Boolean({
    description: 'Whether that is enough, 75 %. A value that is not valid stands for nothing but itself',
  }),
  count: Type.Integer({ description: 'Values in it; of periods longer than an hour the valid hours in it' }),
  coarse: Type.Boolean({
    description:
      'A day as it is kept, because retention has taken its hours: hours that were measured too little are in it too',
  }),
});
/** A page of `GET /api/v1/averages`. */
export const AveragesOut = closed({ averages: Type.Array(MeanOut), next: Next });
type MeanRow = Static<typeof MeanOut>;
const columns = [
  'device',
  'site',
  'quantity',
  'unit',
  'period',
  'time',
  'value',
  'capture',
  'valid',
  'count',
  'coarse',
] as const satisfies readonly (keyof MeanRow)[];

/** What means are of unless something else is asked for, as at the command line. */
const PERIOD_DEFAULT = 'day';

const Query = closed({
  ...chosenQuery,
  ...maxFlagQuery,
  ...spanQuery,
  period: Type.Optional(
    oneOf(periods, {
      default: PERIOD_DEFAULT,
      description:
        '`15m` and `1h` means; running `8h` and `24h` means; `day` means; `day-max` the highest hour of a day, `day-max-8h`' +
        ' the highest running 8-hour mean that ends in it; `year`. All in GMT',
    }),
  ),
  ...pageQuery,
});

/** A row before it is written out. */
interface Row {
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly quantity: QuantityId;
  readonly time: Instant;
  readonly value: number | null;
  readonly capture: number;
  readonly valid: boolean;
  readonly count: number;
  readonly coarse?: true;
}

const rowOut = ({ time: at, ...row }: Row, period: Period): MeanRow => ({
  device: row.device,
  site: row.site,
  quantity: row.quantity,
  unit: quantityOf(row.quantity).unit,
  period,
  time: iso(at),
  value: row.value,
  capture: row.capture,
  valid: row.valid,
  count: row.count,
  coarse: row.coarse ?? false,
});

/** A year that was asked for by its quantity is a row of each device that measures that, also where nothing was measured in it. */
const withEmptyYears = async (
  rows: readonly Row[],
  {
    device,
    at,
    quantities,
    sites,
  }: {
    readonly device: DeviceId;
    readonly at: Instant;
    readonly quantities: readonly QuantityId[];
    readonly sites: Selection['sites'];
  },
  parts: ApiParts,
): Promise<readonly Row[]> => {
  const absent = quantities.filter((quantity) => !rows.some((row) => row.quantity === quantity && row.time === at));
  const missing =
    absent.length === 0 ? [] : await measuredBy(parts, { device, quantities: absent, now: parts.clock.now() });
  const site = sites?.length === 1 ? (sites[0] ?? null) : null;
  return [
    ...rows,
    ...missing.map((quantity) => ({
      device,
      site,
      quantity,
      time: at,
      value: null,
      capture: 0,
      valid: false,
      count: 0,
    })),
  ];
};

/** Means of quantities over quarter-hours, hours, days and years, with how much was measured of each. */
export const averageRoutes = (api: Http, parts: ApiParts): void => {
  const { clock, may } = parts;
  api.get(
    '/averages',
    {
      ...may.read,
      ...heavyAverages,
      schema: {
        tags: ['averages'],
        operationId: 'listAverages',
        summary: 'Means, with how much was measured',
        description:
          'In order of device, time and quantity. Periods are whole: from the one that `from` lies in to the last that' +
          ' is over, and the year that has begun. Made from the values at each request, so late ones are in them.' +
          ' As CSV with `Accept: text/csv`. Needs `read`.',
        querystring: Query,
        response: {
          200: tableAnswers('A page of means', AveragesOut),
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { period = PERIOD_DEFAULT, limit = LIMIT_DEFAULT, cursor, ...given } = request.query;
      const { devices, named, asked } = averagesAsked(given, parts);
      const from = averagesFrom(parts);
      const { rows, next } = await periodsPage(
        {
          items: devices,
          periods: periodsOf(period, spanOf(given), clock),
          rowsAPeriod: named?.length ?? QUANTITIES_A_DEVICE,
          limit,
          cursor,
        },
        async (device, start, to) => {
          const series = await seriesOf(from, { ...asked, devices: [device], from: start, to }, period);
          const found = series.flatMap(({ means, ...stream }) => means.map((mean): Row => ({ ...stream, ...mean })));
          const whole =
            period === 'year' && named !== undefined
              ? await withEmptyYears(found, { device, at: start, quantities: named, sites: asked.sites }, parts)
              : found;
          return whole.toSorted(
            (a, b) => a.time - b.time || compare(a.quantity, b.quantity) || compare(a.site ?? '', b.site ?? ''),
          );
        },
      );
      return sendTable(request, reply, {
        name: 'averages',
        columns,
        rows: rows.map((row) => rowOut(row, period)),
        next,
      });
    },
  );
};

/** Quantities that one device may have, for the estimate of how many periods fill a page. */
const QUANTITIES_A_DEVICE = 8;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
