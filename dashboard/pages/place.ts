import { deviceId, NotFound, siteId, Unavailable, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Site } from '../../infra/registry/contract.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import type { SensorNow } from '../now/overview.ts';
import { predecessorsOf } from '../now/lineage.ts';
import { worstOf } from '../now/rules.ts';
import { deviceFacts, known, siteFacts, waitingOf, type Fact } from './facts.ts';
import { historyOf, HOURS, type HistoryView } from './history.ts';
import {
  alertView,
  doubtOf,
  inOrder,
  newestOf,
  placeCondition,
  sensorRow,
  valueView,
  whereWords,
  type ConditionView,
} from './models.ts';
import type { Page, PageMaker, PageParts } from './page.ts';

/** Sensors whose history one page draws; a site with more has its sensors' own pages. */
const SENSORS_DRAWN = 6;

/** A site: its newest values, the last 24 hours, its alerts and sensors. */
export const sitePage: PageMaker = async ({ id }, parts) => {
  const site = parts.registry.site(siteId(id));
  if (site === undefined) throw new NotFound('site-unknown', `There is no site ${JSON.stringify(id)}`);
  const at = parts.clock.now();
  const here = new Set(
    parts.registry
      .deployments()
      .flatMap(({ device, site: where, from, to }) =>
        where === site.id && from <= at && (to === undefined || to > at) ? [device] : [],
      ),
  );
  const sensors = parts.registry
    .devices()
    .filter((device) => here.has(device.id) && isInService(device.status))
    .map((device) => parts.now.sensor(device));
  const facts = [
    ...siteFacts(site),
    ...known([['Model', sensors.length === 1 ? sensors[0]?.model : undefined]]),
  ];
  return placePage({ name: site.name || site.id, site, sensors, live: [site.id], whole: true, facts }, parts);
};

/** A sensor: the same for one device, wherever it stands. */
export const devicePage: PageMaker = async ({ id, mayRead }, parts) => {
  const device = parts.registry.device({ by: 'id', value: deviceId(id) });
  if (device === undefined) throw new NotFound('device-unknown', `There is no sensor ${JSON.stringify(id)}`);
  const sensor = parts.now.sensor(device);
  const doubt = doubtOf(sensor, parts.clock.now());
  const waiting = await waitingOf(device, parts);
  const said = [doubt, waiting].filter((words) => words !== undefined);
  return placePage(
    {
      name: device.name || device.id,
      site: sensor.site,
      sensors: [sensor],
      live: sensor.site === undefined ? undefined : [sensor.site.id],
      whole: false,
      facts: [...(await deviceFacts(sensor, parts)), ...siteFacts(sensor.site), ...(mayRead ? workFacts(device.id) : [])],
      waiting: capital(said.join(': ')),
      waits: waiting === undefined ? undefined : device.id,
    },
    parts,
  );
};

/** The way to what engineers do with it. */
const workFacts = (id: DeviceId): readonly Fact[] =>
  known([['For engineers', 'Messages decoded, status, label, calibrations', `/engineer/devices/${encodeURIComponent(id)}`]]);

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

interface Place {
  readonly name: string;
  readonly site: Site | undefined;
  readonly sensors: readonly SensorNow[];
  readonly live: readonly string[] | undefined;
  /** The page is about the site: what stood there before its present sensors belongs to it. */
  readonly whole: boolean;
  readonly facts: readonly Fact[];
  /** What of the sensor was not understood, and waits in the quarantine; empty when nothing does. */
  readonly waiting?: string | undefined;
  /** The sensor of which something waits there. */
  readonly waits?: DeviceId | undefined;
}

const placePage = async (place: Place, parts: PageParts): Promise<Page> => {
  const { name, site, sensors, live, whole, facts, waiting, waits } = place;
  const at = parts.clock.now();
  const devices = new Set(sensors.map(({ device }) => device.id));
  const drawn = sensors.slice(0, SENSORS_DRAWN);
  const several = sensors.length > 1;
  return {
    template: 'place',
    title: name,
    section: whole ? 'now' : 'sensors',
    live: live === undefined ? {} : { sites: live },
    content: {
      heading: name,
      up: whole ? { text: 'Now', href: '/' } : { text: 'Sensors', href: '/devices' },
      where: whereWords(site),
      facts,
      waiting,
      waits,
      condition: conditionOfPlace(sensors, whole),
      several,
      values: drawn.flatMap(({ device, values }) => {
        const newest = newestOf(values);
        return newest === undefined
          ? []
          : inOrder(values).map((value) => ({ ...valueView(value, at, newest), device: device.id }));
      }),
      history: await readHistory(drawn, whole ? site : undefined, parts),
      hours: HOURS,
      left: sensors.length - drawn.length,
      alerts: parts.latest
        .alerts()
        .filter((alert) => devices.has(alert.device) || (site !== undefined && alert.site === site.id))
        .map((alert) => alertView(alert, at, parts)),
      sensors: sensors.map((sensor) => sensorRow(sensor, at)),
    },
  };
};

/** A gateway is no sensor: it does not speak for its site, only for itself. */
const conditionOfPlace = (all: readonly SensorNow[], whole: boolean): ConditionView => {
  const sensors = whole ? all.filter(({ isGateway }) => !isGateway) : all;
  return placeCondition(worstOf(sensors.map(({ condition }) => condition)), sensors);
};

/** Undefined while the store does not answer: the rest of the page is still worth showing. */
const readHistory = async (
  sensors: readonly SensorNow[],
  site: Site | undefined,
  { timeseries, registry, catalogue, clock }: PageParts,
): Promise<readonly HistoryView[] | undefined> => {
  const devices = sensors.map(({ device }) => device.id);
  const heirs =
    site === undefined
      ? []
      : devices.flatMap((device) =>
          predecessorsOf(device, site.id, registry.deployments()).map((before) => [before, device] as const),
        );
  try {
    return await historyOf({ timeseries, registry, catalogue }, { devices, site: site?.id, heirs: new Map(heirs) }, clock.now());
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
};
