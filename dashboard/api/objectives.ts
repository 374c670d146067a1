import { Type, type Static } from 'typebox';
import {
  Flag,
  Invalid,
  NotFound,
  quantityIds,
  quantityOf,
  siteId,
  type DeviceId,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Standing } from '../../infra/averages/exceedances.ts';
import { authorities, averagings } from '../../infra/averages/objectives.ts';
import { yearStart } from '../../infra/averages/periods.ts';
import { deviceYear } from '../../infra/averages/site-year.ts';
import type { Http } from '../../infra/http/server.ts';
import { numberOrNull, oneOf } from '../wire.ts';
import { averagesFrom, devicesEverAt, heavyAverages, maxFlagOf, maxFlagQuery } from './averages-from.ts';
import { closed, problems } from './answers.ts';
import { Next, pageOf } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { sendTable, tableAnswers } from './tables.ts';

const StandingOut = closed({
  device: Type.String({ description: 'Each device stands for itself: those of two are never in one mean' }),
  site: Type.String(),
  year: Type.Integer(),
  objective: Type.String({ description: 'A stable name, such as `uk-no2-1h`' }),
  authority: oneOf(authorities, {
    description: '`uk`: objectives and limit values; `uk-target`: targets; `who`: WHO guidelines of 2021',
  }),
  quantity: oneOf(quantityIds),
  averaging: oneOf(averagings, { description: 'What is compared with the limit' }),
  limit: Type.Number(),
  unit: Type.String(),
  value: numberOrNull({
    description: 'The highest of what is compared, or the one value; null where nothing valid was measured',
  }),
  exceedances: Type.Integer({ description: 'Distinct quarter-hours, hours or days above the limit, GMT' }),
  allowed: Type.Integer({ description: 'Exceedances that a calendar year may have' }),
  exceeded: Type.Unsafe<boolean | null>({
    type: ['boolean', 'null'],
    description:
      'Whether there were more. A breach of a count is one at once; all else is null until the year is over and valid',
  }),
  percentile: numberOrNull({ description: 'Which percentile says the same when not the whole year was measured' }),
  percentileValue: numberOrNull({ description: 'That percentile of what is compared' }),
  capture: Type.Number({ description: 'The share of the whole year that is valid, 0 to 1' }),
  valid: Type.Boolean({ description: 'Whether that is enough, 75 %' }),
  provisional: Type.Literal(true, { description: 'Always: nobody has ratified the values' }),
  indicative: Type.Literal(true, { description: 'Always: sensors in the street cannot show compliance' }),
  checked: Type.Boolean({
    description: 'Whether the figures of the objective were read in their source; those that were not are settings',
  }),
  source: Type.String(),
});
/** A page of `GET /api/v1/objectives`. */
export const ObjectivesOut = closed({ objectives: Type.Array(StandingOut), next: Next });
type Row = Static<typeof StandingOut>;
const columns = [
  'device',
  'site',
  'year',
  'objective',
  'authority',
  'quantity',
  'averaging',
  'limit',
  'unit',
  'value',
  'exceedances',
  'allowed',
  'exceeded',
  'percentile',
  'percentileValue',
  'capture',
  'valid',
  'provisional',
  'indicative',
  'checked',
  'source',
] as const satisfies readonly (keyof Row)[];

interface Whose {
  readonly device: DeviceId;
  readonly site: SiteId;
  readonly year: number;
}

const rowOut = (whose: Whose, { objective, ...standing }: Standing): Row => ({
  ...whose,
  objective: objective.id,
  authority: objective.authority,
  quantity: objective.quantity,
  averaging: objective.averaging,
  limit: objective.limit,
  unit: quantityOf(objective.quantity).unit,
  value: standing.value,
  exceedances: standing.exceedances,
  allowed: objective.allowed,
  exceeded: standing.exceeded,
  percentile: objective.percentile ?? null,
  percentileValue: standing.percentileValue,
  capture: standing.capture,
  valid: standing.valid,
  provisional: true,
  indicative: true,
  checked: objective.checked,
  source: objective.source,
});

/** Devices on a page: of each a whole year is read. */
const DEVICES_A_PAGE = 1;

/** How a calendar year of a site stands against objectives and guidelines. */
export const objectiveRoutes = (api: Http, parts: ApiParts): void => {
  const { registry, clock, may, averages } = parts;
  api.get(
    '/objectives',
    {
      ...may.read,
      ...heavyAverages,
      schema: {
        tags: ['averages'],
        operationId: 'listObjectives',
        summary: 'A year of a site against UK objectives and WHO guidelines',
        description:
          'In order of device, a page for each: those that stood at the site in that year. Of quantities that it measured, or that' +
          ' its profile promises where it measured nothing; of one that said nothing at all, all of them. As CSV with `Accept: text/csv`. Needs `read`.',
        querystring: closed({
          site: Type.String({ description: 'One site' }),
          year: Type.Integer({ minimum: 1970, maximum: 9998, description: 'A calendar year, GMT' }),
          ...maxFlagQuery,
          cursor: Type.Optional(
            Type.String({
              maxLength: 500,
              description: 'Where to go on: `next` of the page before, with the same other parameters',
            }),
          ),
        }),
        response: {
          200: tableAnswers('The objectives of one device', ObjectivesOut),
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { site: named, year, cursor, maxFlag } = request.query;
      const site = registry.site(siteId(named))?.id;
      if (site === undefined) throw new NotFound('site-unknown', `no site ${JSON.stringify(named)} is registered`);
      if (yearStart(year) > clock.now()) throw new Invalid('year-invalid', `year: ${year} has not begun`);
      const there = devicesEverAt(site, parts).filter((device) => stoodIn(year, { device, site }));
      const { page, next } = pageOf(there, (device) => device, { limit: DEVICES_A_PAGE, cursor });
      const rows: Row[] = [];
      for (const device of page) {
        const whose = { device, site, year };
        const stands = await deviceYear(
          averagesFrom(parts),
          { ...whose, now: clock.now(), ...maxFlagOf(maxFlag) },
          averages,
        );
        // Of a device that may measure anything and said nothing at all, nobody knows what it would have measured.
        const silent = stands.every(({ value }) => value === null) && !(await saidAnything(whose));
        const told = stands.filter(
          ({ value, objective }) => silent || value !== null || promises(device, objective.quantity),
        );
        rows.push(...told.map((standing) => rowOut(whose, standing)));
      }
      return sendTable(request, reply, { name: 'objectives', columns, rows, next });
    },
  );
  /** Whether its profile says that it measures it. One of all quantities promises none. */
  const promises = (id: DeviceId, quantity: QuantityId): boolean => {
    const device = registry.device({ by: 'id', value: id });
    const fields = (device === undefined ? undefined : parts.catalogue.get(device.profile))?.fields;
    return (
      fields !== undefined &&
      fields.size < quantityIds.length &&
      [...fields.values()].some((field) => field.quantity === quantity)
    );
  };
  const saidAnything = async ({ device, site, year }: Whose): Promise<boolean> => {
    const span = { from: yearStart(year), to: yearStart(year + 1) };
    return (await parts.timeseries.days({ devices: [device], sites: [site], ...span, maxFlag: Flag.fail })).length > 0;
  };
  const stoodIn = (year: number, { device, site }: Pick<Whose, 'device' | 'site'>): boolean =>
    registry
      .deployments()
      .some(
        (each) =>
          each.device === device &&
          each.site === site &&
          each.from < yearStart(year + 1) &&
          (each.to === undefined || each.to > yearStart(year)),
      );
};
