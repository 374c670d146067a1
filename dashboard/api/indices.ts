import { Type, type Static } from 'typebox';
import { iso, quantityOf, type Instant, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import {
  bandColours,
  bandOf,
  bands,
  breakpoints,
  daqiPollutants,
  indexColour,
  type DaqiIndex,
} from '../../infra/averages/daqi.ts';
import type { Advice } from '../../infra/averages/health-advice.ts';
import type { IndexHour } from '../../infra/averages/index-hours.ts';
import { LATEST_HOURS, latestIndexOf } from '../../infra/averages/latest-index.ts';
import { siteIndexHours, type SiteContribution } from '../../infra/averages/site-index.ts';
import type { Http } from '../../infra/http/server.ts';
import { numberOrNull, oneOf, textOrNull, time } from '../wire.ts';
import { averagesFrom, devicesEverAt, heavyAverages, maxFlagOf, maxFlagQuery } from './averages-from.ts';
import { periodsOf, periodsPage } from './averages-page.ts';
import { closed, problems } from './answers.ts';
import { LIMIT_DEFAULT, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { selectionOf, selectionQuery, spanOf, spanQuery } from './selection.ts';
import { sendTable, tableAnswers } from './tables.ts';

const indexOrNull = (description: string) =>
  Type.Unsafe<DaqiIndex | null>({ type: ['integer', 'null'], minimum: 1, maximum: 10, description });
const ContributionOut = closed({
  device: Type.String({ description: 'Each device contributes for itself' }),
  quantity: oneOf(daqiPollutants),
  averaging: Type.String({ description: 'Over what it is averaged for the index' }),
  value: Type.Number({ description: 'As it is; for the index it is rounded to a whole unit, halves up' }),
  unit: Type.String(),
  capture: Type.Number({ description: 'The share of that time that was measured, 0 to 1' }),
  valid: Type.Boolean({ description: 'Whether that is enough, 75 %' }),
  index: indexOrNull('Null where it is not valid'),
});
const IndexOut = closed({
  site: Type.String(),
  time: time('GMT: the hour, by its beginning'),
  index: indexOrNull(
    'The Daily Air Quality Index: the worst of the pollutants of the worst device; null where none is valid',
  ),
  band: Type.Unsafe<(typeof bands)[number] | null>({ type: ['string', 'null'], enum: [...bands, null] }),
  colour: textOrNull({ description: "UK-AIR's colour of the index. Never colour alone" }),
  bandColour: textOrNull({ description: 'A colour of the band with enough contrast' }),
  bandTextColour: textOrNull({ description: 'The colour of text on it' }),
  decidedBy: textOrNull({
    description: 'The device and quantity of the worst contributions, as `aq-1 no2`, divided by commas',
  }),
  capture: numberOrNull({ description: 'The smallest capture among the contributions that are valid' }),
  indicative: Type.Literal(true, { description: 'Always: the published index is of reference instruments only' }),
  pollutants: Type.Array(ContributionOut, {
    description: 'Of which an hour or a quarter of one, whole enough to count, lies in their time; of NO2 any',
  }),
});
/** A page of `GET /api/v1/indices`. */
export const IndicesOut = closed({ indices: Type.Array(IndexOut), next: Next });
type IndexRow = Static<typeof IndexOut>;
const columns = ['site', 'time', 'index', 'band', 'decidedBy', 'capture', 'indicative'] as const;

const AdviceOut = closed({
  general: Type.String(),
  atRisk: Type.String(),
  source: Type.String(),
  published: Type.String({ description: 'A date' }),
});
const LatestOut = closed({
  ...IndexOut.properties,
  advice: Type.Unsafe<Static<typeof AdviceOut> | null>({
    anyOf: [AdviceOut, { type: 'null' }],
    description: "The government's words for the band; null where there is no index",
  }),
});

/** A page of `GET /api/v1/indices/latest`. */
export const LatestIndicesOut = closed({ indices: Type.Array(LatestOut), next: Next });

const bandLook = (index: DaqiIndex | null) => {
  if (index === null) return { band: null, colour: null, bandColour: null, bandTextColour: null };
  const band = bandOf(index);
  return {
    band,
    colour: indexColour(index),
    bandColour: bandColours[band].background,
    bandTextColour: bandColours[band].text,
  };
};

const rowOut = (site: SiteId, { time: at, index, contributions }: IndexHour<SiteContribution>): IndexRow => {
  const valid = contributions.filter((each) => each.valid);
  const worst = valid.filter((each) => each.index === index);
  return {
    site,
    time: iso(at),
    index,
    ...bandLook(index),
    decidedBy: worst.length === 0 ? null : worst.map(({ device, pollutant }) => `${device} ${pollutant}`).join(', '),
    capture: valid.length === 0 ? null : Math.min(...valid.map(({ capture }) => capture)),
    indicative: true,
    pollutants: contributions.map(({ device, pollutant, value, capture, valid: stands, index: own }) => ({
      device,
      quantity: pollutant,
      averaging: breakpoints[pollutant].averaging,
      value,
      unit: quantityOf(pollutant).unit,
      capture,
      valid: stands,
      index: own,
    })),
  };
};

const adviceOf = ({ band }: IndexRow, advice: Advice): Static<typeof AdviceOut> | null =>
  band === null ? null : { ...advice.words[band], source: advice.source, published: advice.published };

/** Sites on a page of newest indices: of each the last 30 hours are read. */
const LATEST_SITES = { default: 20, max: 100 };

const rule = "A site's index is its worst device's; values of two devices are never in one mean.";
const placesQuery = { site: selectionQuery.site, borough: selectionQuery.borough, ...maxFlagQuery };

/** The Daily Air Quality Index of sites, by the hour and now. */
export const indexRoutes = (api: Http, parts: ApiParts): void => {
  const { registry, clock, may, advice } = parts;
  const from = averagesFrom(parts);
  /** Sites that are meant, in order; every site unless some are named. */
  const sitesOf = (given: { readonly site?: string[]; readonly borough?: string[] }): readonly SiteId[] =>
    [...(selectionOf(given, registry).sites ?? registry.sites().map(({ id }) => id))].sort();
  const hoursAt = (site: SiteId, span: { readonly from: Instant; readonly to: Instant }, flag: number | undefined) =>
    siteIndexHours(from, { site, devices: devicesEverAt(site, parts), ...span, ...maxFlagOf(flag) });

  api.get(
    '/indices',
    {
      ...may.read,
      ...heavyAverages,
      schema: {
        tags: ['averages'],
        operationId: 'listIndices',
        summary: 'The Daily Air Quality Index, hour by hour',
        description:
          'In order of site and time, hours that are over and in which a pollutant contributes, valid or not. ' +
          `${rule} As CSV with \`Accept: text/csv\`. Needs \`read\`.`,
        querystring: closed({ ...placesQuery, ...spanQuery, ...pageQuery }),
        response: {
          200: tableAnswers('A page of hours', IndicesOut),
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, maxFlag, ...given } = request.query;
      const { rows, next } = await periodsPage(
        { items: sitesOf(given), periods: periodsOf('24h', spanOf(given), clock), rowsAPeriod: 1, limit, cursor },
        async (site, start, to) =>
          (await hoursAt(site, { from: start, to }, maxFlag)).map((hour) => ({ time: hour.time, site, hour })),
      );
      return sendTable(request, reply, {
        name: 'indices',
        columns,
        rows: rows.map(({ site, hour }) => rowOut(site, hour)),
        next,
      });
    },
  );
  api.get(
    '/indices/latest',
    {
      ...may.read,
      ...heavyAverages,
      schema: {
        tags: ['averages'],
        operationId: 'latestIndices',
        summary: 'The newest Daily Air Quality Index of each site',
        description:
          `Of the last hour that is over and has one, not older than ${LATEST_HOURS} hours; otherwise \`index\` is null and` +
          ` \`time\` the last hour. With the government's advice. ${rule} \`limit\` counts sites. Needs \`read\`.`,
        querystring: closed({
          ...placesQuery,
          cursor: pageQuery.cursor,
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: LATEST_SITES.max,
              default: LATEST_SITES.default,
              description: `Sites at most; ${LATEST_SITES.default} unless given`,
            }),
          ),
        }),
        response: {
          200: tableAnswers('A page of sites', LatestIndicesOut),
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { limit = LATEST_SITES.default, cursor, maxFlag, ...given } = request.query;
      const { page, next } = pageOf(sitesOf(given), (site) => site, { limit, cursor });
      const rows: Static<typeof LatestOut>[] = [];
      for (const site of page) {
        const row = rowOut(
          site,
          await latestIndexOf(from, { site, devices: devicesEverAt(site, parts), ...maxFlagOf(maxFlag) }, clock.now()),
        );
        rows.push({ ...row, advice: adviceOf(row, advice) });
      }
      return sendTable(request, reply, { name: 'indices', columns, rows, next });
    },
  );
};
