import { Type, type Static } from 'typebox';
import {
  instant,
  iso,
  quantityIds,
  quantityOf,
  Unavailable,
  type DeviceId,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS, HOUR_MS } from '../../infra/heard/contract.ts';
import type { Http } from '../../infra/http/server.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import { openBatteries } from '../health/batteries.ts';
import { vitalsOf, type Vitals } from '../health/device.ts';
import { missedOf, windows } from '../health/missed.ts';
import { streamsOf } from '../health/streams.ts';
import { HealthOut, healthOut, MissedOut, missedOut } from '../health/wire.ts';
import type { SensorNow } from '../now/overview.ts';
import { causes } from '../now/routes.ts';
import { fairHearing, hearings, type Hearing } from '../now/rules.ts';
import { oneOf, time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf } from './device-shapes.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['health'];

const orNull = (of: typeof MissedOut) => Type.Unsafe<Static<typeof of> | null>({ anyOf: [of, { type: 'null' }] });

const StreamOut = closed({
  quantity: oneOf(quantityIds),
  unit: Type.String({ description: "The quantity's canonical unit, a UCUM code" }),
  state: oneOf(hearings, { description: 'As of the device, with the interval of the datastream' }),
  heardAt: time('Time of receipt of its newest value'),
  aboutAt: time('Phenomenon time of its newest value'),
  everySeconds: Type.Number({
    description:
      "Expected interval, s: the device's, times as many messages as there are to one of its values over the last week",
  }),
  missed: closed(
    { '24h': orNull(MissedOut), '7d': orNull(MissedOut) },
    { description: 'Values against that interval; null while the store does not answer' },
  ),
});
const OneOut = Type.Object(
  {
    ...HealthOut.properties,
    datastreams: Type.Array(StreamOut, { description: 'Quantities that had a value in the last 31 days' }),
    datastreamsComplete: Type.Boolean({
      description:
        'False while the store of measurements does not answer: intervals are then those of the device, ' +
        'and nothing is said of what was missed',
    }),
  },
  { additionalProperties: false, description: 'The health of a device' },
);

/** Rows of a page of the fleet unless asked for more; each costs the reading of a month of days. */
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
/** Datastreams are compared over so long: a week has every kind of day. */
const STREAM_DAYS = 7;

const FleetQuery = closed({
  ...pageQuery,
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: LIMIT_MAX,
      default: LIMIT_DEFAULT,
      description: `Rows at most; ${LIMIT_DEFAULT} unless given`,
    }),
  ),
  state: Type.Optional(oneOf(hearings, { description: 'Only devices that are heard so' })),
  cause: Type.Optional(oneOf(causes, { description: 'Only devices that are late or silent for that reason' })),
  battery: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'Only devices whose battery lasts at most so many days more; brought up to date once an hour',
    }),
  ),
});

/** How devices are heard. docs/health.md says what each word means. */
export const healthRoutes = (api: Http, parts: ApiParts): void => {
  fleetRoute(api, parts);
  deviceRoute(api, parts);
};

const fleetRoute = (api: Http, parts: ApiParts): void => {
  const { registry, now, may } = parts;
  const batteries = openBatteries(parts);
  api.get(
    '/devices/health',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listHealth',
        summary: 'How devices are heard, worst first',
        description:
          'Devices in the street: silent, late, never heard, listening, in maintenance, ok; each in order of id. ' +
          'Needs `read`.',
        querystring: FleetQuery,
        response: {
          200: closed({ devices: Type.Array(HealthOut), next: Next }, { description: 'A page of the fleet' }),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { state, cause, battery, limit = LIMIT_DEFAULT, cursor } = request.query;
      const weak = battery === undefined ? undefined : await batteries();
      const wanted = registry.devices().flatMap((device) => {
        if (!isInService(device.status)) return [];
        const left = weak?.get(device.id)?.daysLeft;
        if (battery !== undefined && (left === undefined || left > battery)) return [];
        const sensor = now.sensor(device);
        if (state !== undefined && sensor.hearing !== state) return [];
        return cause !== undefined && sensor.cause?.cause !== cause ? [] : [sensor];
      });
      const { page, next } = pageOf(wanted, worstFirst, { limit, cursor });
      const vitals = await vitalsOf(
        page.map(({ device }) => device),
        parts,
        now.fleet(),
      );
      return reply.send({ devices: vitals.map(healthOut), next: linkNext(request, reply, next) });
    },
  );
};

const worstFirst = ({ hearing, device }: SensorNow): string => `${hearings.indexOf(hearing)} ${device.id}`;

const deviceRoute = (api: Http, parts: ApiParts): void => {
  const { registry, now, may } = parts;
  api.get(
    '/devices/:id/health',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'getHealth',
        summary: 'How one device and each of its datastreams is heard',
        description: 'Needs `read`.',
        params: closed({ id: Type.String({ description: 'Id of the device' }) }),
        response: { 200: OneOut, ...problems(404) },
      },
    },
    async (request, reply) => {
      const device = deviceOf(registry, request.params.id);
      const [vitals] = await vitalsOf([device], parts, now.fleet());
      if (vitals === undefined) throw new Error('one device has one health');
      return reply.send({ ...healthOut(vitals), ...(await datastreamsOf(vitals, parts)) });
    },
  );
};

const datastreamsOf = async (
  { device, everyMs, inService }: Vitals,
  { latest, now, timeseries }: ApiParts,
): Promise<{ readonly datastreams: Static<typeof StreamOut>[]; readonly datastreamsComplete: boolean }> => {
  const fleet = now.fleet();
  const { asOf: to, listened } = fleet;
  const counts = await weekOf(device.id, to, timeseries);
  const streams = streamsOf(device.id, counts ?? [], everyMs);
  const datastreams = latest.values(device.id).map(({ quantity, time: aboutAt, receivedAt }) => {
    const { everyMs: own, days } = streams.get(quantity) ?? { everyMs, days: [] };
    const missedSince = (ms: number) =>
      counts === undefined
        ? null
        : missedOut(missedOf({ days, everyMs: own, from: instant(to - ms), to, inService, listened }));
    const heard = { heardAt: receivedAt, everyMs: own, createdAt: device.createdAt };
    const state: Hearing = device.status === 'maintenance' ? device.status : fairHearing(heard, fleet);
    return {
      quantity,
      unit: quantityOf(quantity).unit,
      state,
      heardAt: iso(receivedAt),
      aboutAt: iso(aboutAt),
      everySeconds: own / 1000,
      missed: { '24h': missedSince(windows['24h']), '7d': missedSince(windows['7d']) },
    };
  });
  return {
    datastreams: datastreams.sort((a, b) => (a.quantity < b.quantity ? -1 : 1)),
    datastreamsComplete: counts !== undefined,
  };
};

/** How many values there were by quantity and hour of the last week; undefined while the store does not answer. */
const weekOf = async (device: DeviceId, asOf: Instant, timeseries: ApiParts['timeseries']) => {
  try {
    return await timeseries.aggregate({
      devices: [device],
      from: instant(asOf - STREAM_DAYS * DAY_MS),
      to: asOf,
      everyMs: HOUR_MS,
      aggregate: 'count',
      maxFlag: 9,
    });
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
};
