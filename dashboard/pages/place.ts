import { Unavailable, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Rule, Site } from '../../infra/registry/contract.ts';
import { everyMsOf } from '../../infra/registry/every.ts';
import { devicesEverAt } from '../api/averages-from.ts';
import type { SensorNow } from '../now/overview.ts';
import { worstOf } from '../now/rules.ts';
import { airAt, type AirView } from './air.ts';
import { alertsSince } from './alerts-since.ts';
import { countsAt, type CountsView } from './counts.ts';
import { deviceFacts, known, siteFacts, waitingOf, type Fact } from './facts.ts';
import { historyOf } from './history.ts';
import { historyView, type HistoryView } from './history-view.ts';
import {
  deviceHref,
  inOrder,
  newestOf,
  placeCondition,
  siteHref,
  valueView,
  whereWords,
  type ConditionView,
} from './models.ts';
import { alertView } from './alerts/view.ts';
import { doubtOf, sensorRow } from './rows.ts';
import { marked } from './language.ts';
import { nearbyOf } from './nearby.ts';
import { wordsIn, type Words } from '../words/index.ts';
import type { Asked, Page, PageMaker, PageParts } from './page.ts';
import { calibrationsOf, staysAt, staysOf } from './past.ts';
import { rangeOf, type Range } from './range.ts';
import { rangeForm } from './range-form.ts';
import { deviceOf, devicesAt, historyAt, siteOf } from './whose.ts';
import { averagingWords } from './words.ts';

/** Sensors whose history one page draws; a site with more has its sensors' own pages. */
export const SENSORS_DRAWN = 6;

/** A site: its newest values, its history, its alerts and sensors. */
export const sitePage: PageMaker = (asked, parts) => {
  const words = wordsIn(asked.language);
  const site = siteOf(asked.id, parts);
  const sensors = devicesAt(site, parts).map((device) => parts.now.sensor(device));
  const facts = [
    ...siteFacts(site, words),
    ...known([[words.say('facts.model'), sensors.length === 1 ? sensors[0]?.model : undefined]]),
  ];
  return placePage({ name: site.name || site.id, site, sensors, live: [site.id], whole: true, facts, asked }, parts);
};

/** A sensor: the same for one device, wherever it stands. */
export const devicePage: PageMaker = async (asked, parts) => {
  const words = wordsIn(asked.language);
  const device = deviceOf(asked.id, parts);
  const sensor = parts.now.sensor(device);
  const doubt = doubtOf(sensor, parts.clock.now(), words);
  const waiting = await waitingOf(device, parts, words);
  const said = [doubt, waiting].filter((one) => one !== undefined);
  return placePage(
    {
      name: device.name || device.id,
      site: sensor.site,
      sensors: [sensor],
      live: sensor.site === undefined ? undefined : [sensor.site.id],
      whole: false,
      facts: [
        ...(await deviceFacts(sensor, parts, words)),
        ...siteFacts(sensor.site, words),
        ...(asked.mayRead ? workFacts(device.id, words) : []),
      ],
      waiting: capital(said.join(': ')),
      waits: waiting === undefined ? undefined : device.id,
      asked,
    },
    parts,
  );
};

/** The way to what engineers do with it. */
const workFacts = (id: DeviceId, words: Words): readonly Fact[] =>
  known([
    [words.say('facts.engineers'), words.say('facts.engineers-what'), `/engineer/devices/${encodeURIComponent(id)}`],
  ]);

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
  readonly asked: Asked;
}

const placePage = async (place: Place, parts: PageParts): Promise<Page> => {
  const { name, site, sensors, live, whole, facts, waiting, waits, asked } = place;
  const words = wordsIn(asked.language);
  const at = parts.clock.now();
  const devices = new Set(sensors.map(({ device }) => device.id));
  const drawn = sensors.slice(0, SENSORS_DRAWN);
  const several = sensors.length > 1;
  const range = rangeOf(asked, { now: at, kept: parts.config.timeseries }, words);
  const stored = await readStored({ ...place, sensors: drawn }, range, parts);
  return {
    template: 'place',
    title: name,
    section: whole ? 'now' : 'sensors',
    live: live === undefined ? {} : { sites: live },
    forms: true,
    charts: true,
    inEveryLanguage: true,
    content: {
      heading: name,
      up: whole
        ? { html: marked(words, 'nav.now'), href: '/' }
        : { html: marked(words, 'nav.sensors'), href: '/devices' },
      where: whereWords(site),
      facts,
      waiting,
      waits,
      condition: conditionOfPlace(sensors, whole, words),
      several,
      values: valuesOf(drawn, stored?.air, parts, words),
      air: stored?.air,
      counts: stored?.counts ?? [],
      history: stored?.history,
      range: rangeForm(whole && site !== undefined ? siteHref(site) : deviceHref(asked.id), range, words),
      left: sensors.length - drawn.length,
      alerts: parts.latest
        .alerts()
        .filter((alert) => devices.has(alert.device) || (site !== undefined && alert.site === site.id))
        .map((alert) => alertView(alert, at, parts, words)),
      sensors: sensors.map((sensor) => sensorRow(sensor, at, words)),
      stays:
        whole && site !== undefined
          ? staysAt(site, parts, words)
          : sensors.flatMap(({ device }) => staysOf(device.id, parts, words)),
      whole,
      calibrations: calibrationsOf(
        whole && site !== undefined ? devicesEverAt(site.id, parts) : [...devices],
        parts,
        words,
      ),
      named: asked.mayRead,
      // Pages of sensors are open to everybody only where everything is: else a link would lead a resident to the sign-in.
      further: asked.mayRead || parts.config.dashboard.open === 'everything',
      nearby: site === undefined ? [] : nearbyOf(site, parts.now.overview(), words),
    },
  };
};

/** A gateway is no sensor: it does not speak for its site, only for itself. */
const conditionOfPlace = (all: readonly SensorNow[], whole: boolean, words: Words): ConditionView => {
  const sensors = whole ? all.filter(({ isGateway }) => !isGateway) : all;
  return placeCondition(worstOf(sensors.map(({ condition }) => condition)), sensors, words);
};

/** The newest values, each with what it is averaged over and, of what the air quality index is made of, its band. */
const valuesOf = (sensors: readonly SensorNow[], air: AirView | undefined, parts: PageParts, words: Words) =>
  sensors.flatMap(({ device, values }) => {
    const newest = newestOf(values);
    if (newest === undefined) return [];
    const everyMs = everyMsOf(device, parts.catalogue);
    return inOrder(values).map((value) => {
      const part = air?.pollutants.find(
        (pollutant) => pollutant.device === device.id && pollutant.quantity === value.quantity,
      );
      return {
        ...valueView(value, parts.clock.now(), newest, words),
        device: device.id,
        averaging: averagingWords(value.quantity, everyMs, words),
        band: part?.index === undefined ? undefined : { index: part.index, word: part.band, of: part.averaging },
      };
    });
  });

interface Stored {
  readonly history: readonly HistoryView[];
  readonly air: AirView | undefined;
  readonly counts: readonly CountsView[];
}

/** Undefined while the store does not answer: the rest of the page is still worth showing. */
const readStored = async (place: Place, range: Range, parts: PageParts): Promise<Stored | undefined> => {
  const { site, sensors, whole, asked } = place;
  const words = wordsIn(asked.language);
  const devices = sensors.map(({ device }) => device.id);
  const here = whole ? site : undefined;
  try {
    const histories = await historyOf(parts, historyAt(devices, here, parts), range);
    const alerts = await alertsSince(range.from, { devices, site: here?.id }, parts);
    const shown = {
      range,
      now: parts.clock.now(),
      alerts,
      several: sensors.length > 1,
    };
    const path = here === undefined ? deviceHref(asked.id) : siteHref(here);
    return {
      history: histories.map((history) =>
        historyView(
          history,
          {
            ...shown,
            rules: parts.registry.rules().filter((rule) => looksAt(rule, history.device, site)),
            csv: ({ device, quantity }) =>
              `${path}/values.csv?${new URLSearchParams({ ...rangeQuery(range), quantity, ...(here === undefined ? {} : { device }) }).toString()}`,
          },
          words,
        ),
      ),
      air: here === undefined ? undefined : await airAt(here, sensors, parts, words),
      counts: here === undefined ? [] : await countsAt(here, sensors, parts, words),
    };
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
};

const rangeQuery = ({ id, fromDay, toDay, problem }: Range): Record<string, string> =>
  id === 'custom' && problem === undefined ? { range: id, from: fromDay, to: toDay } : { range: id };

const looksAt = ({ site, device, borough }: Rule, id: DeviceId, at: Site | undefined): boolean =>
  (device === undefined || device === id) &&
  (site === undefined || site === at?.id) &&
  (borough === undefined || borough === at?.borough);
