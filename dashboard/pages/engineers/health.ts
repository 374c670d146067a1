import { setImmediate as breath } from 'node:timers/promises';
import { iso, quantityOf } from '../../../device-profiles/vocabulary/index.ts';
import { vitalsOf, type Vitals } from '../../health/device.ts';
import { isInService } from '../../../infra/registry/life-cycle.ts';
import { csv } from '../../api/csv.ts';
import { hearings, type Hearing } from '../../now/rules.ts';
import { fresh } from '../accounts/parts.ts';
import type { Desk, Visit } from '../desk.ts';
import { conditionView, siteHref, when } from '../models.ts';
import type { Page } from '../page.ts';
import { paged, ROWS_A_PAGE } from '../paging.ts';
import { causeWords, conditionWord, numberWords, unitWords } from '../words.ts';
import {
  askedIn,
  batteryDays,
  chosen,
  hrefOf,
  HREF,
  inOrder,
  signals,
  signalWords,
  siteOf,
  sorts,
  sortWords,
  type Asked,
} from './health-asked.ts';
import { actOnMany, MANY_FORM_BYTES, manyForm } from './health-many.ts';
import { manages, workHref, type EngineerParts } from './parts.ts';
import { englishWords } from '../../words/index.ts';

/** Vitals of a whole fleet cost a hundredth of a second for fifty devices: a lasting answer, for all who ask in a minute. */
const KEPT_MS = 60_000;
const AT_ONCE = 50;

/** The vitals of all devices in the street, a minute old at most. */
const openFleet = (parts: EngineerParts): (() => Promise<readonly Vitals[]>) => {
  let kept: { readonly at: number; readonly vitals: Promise<readonly Vitals[]> } | undefined;
  const read = async (): Promise<readonly Vitals[]> => {
    const devices = parts.registry.devices().filter(({ status }) => isInService(status));
    const all: Vitals[] = [];
    for (let i = 0; i < devices.length; i += AT_ONCE) {
      all.push(...(await vitalsOf(devices.slice(i, i + AT_ONCE), parts, parts.now.fleet())));
      await breath();
    }
    return all;
  };
  parts.registry.onChange(() => {
    kept = undefined;
  });
  return () => {
    const at = parts.clock.now();
    if (kept !== undefined && Math.abs(at - kept.at) < KEPT_MS) return kept.vitals;
    const vitals = read();
    kept = { at, vitals };
    vitals.catch(() => {
      kept = undefined;
    });
    return vitals;
  };
};

/** Values to choose from, of those that there are. */
const choices = (any: string, values: readonly (string | undefined)[], chosenOne: string) => [
  { value: '', text: any },
  ...[...new Set(values.flatMap((value) => value || []))]
    .toSorted((a, b) => inOrder.compare(a, b))
    .map((value) => ({ value, text: value, selected: value === chosenOne })),
];

const page = (all: readonly Vitals[], asked: Asked, visit: Visit, parts: EngineerParts): Page => {
  const shown = paged(chosen(all, asked, parts), visit.query('page'), (n) => hrefOf(HREF, asked, n), englishWords);
  const having = (state: Hearing): number => all.filter((one) => one.state === state).length;
  return {
    template: 'engineers/health',
    title: 'Health of all sensors',
    section: 'engineer',
    content: {
      filters: [
        {
          id: 'all',
          href: hrefOf(HREF, { ...asked, state: undefined }),
          count: all.length,
          word: 'All',
          current: asked.state === undefined,
        },
        ...hearings.flatMap((state) =>
          having(state) === 0
            ? []
            : [
                {
                  id: state,
                  href: hrefOf(HREF, { ...asked, state }),
                  count: having(state),
                  word: conditionWord(state, englishWords),
                  current: state === asked.state,
                },
              ],
        ),
      ],
      asked,
      sorts: sorts.map((sort) => ({ value: sort, text: sortWords[sort], selected: sort === asked.sort })),
      batteries: [
        { value: '', text: 'Any' },
        ...batteryDays.map((days) => ({
          value: String(days),
          text: `Less than ${days} days left`,
          selected: days === asked.battery,
        })),
      ],
      signals: [
        { value: '', text: 'Any' },
        ...signals.map((signal) => ({ value: signal, text: signalWords[signal], selected: signal === asked.signal })),
      ],
      models: choices(
        'Any',
        all.map(({ device }) => device.profile),
        asked.model,
      ),
      wards: choices(
        'Any',
        all.map((one) => siteOf(one, parts)?.ward),
        asked.ward,
      ),
      csv: hrefOf(`${HREF}.csv`, asked),
      // With several sensors something can be done at once, by whoever may.
      many: manages(visit)
        ? manyForm(
            shown.total,
            hrefOf(HREF, asked, shown.from > ROWS_A_PAGE ? Math.ceil(shown.from / ROWS_A_PAGE) : undefined),
            visit,
          )
        : undefined,
      empty: all.length === 0,
      health: {
        ...shown,
        rows: shown.rows.map((one) => ({ ...rowOf(one, parts), picked: visit.fields('pick').includes(one.device.id) })),
      },
    },
  };
};

const rowOf = (one: Vitals, parts: EngineerParts) => {
  const { device, state, cause, heardAt, missed, battery, signal, asOf } = one;
  const site = siteOf(one, parts);
  return {
    id: device.id,
    name: device.name === device.id ? '' : device.name,
    href: workHref(device.id),
    site: site === undefined ? undefined : { name: site.name || site.id, href: siteHref(site) },
    condition: state === undefined ? undefined : conditionView(state, englishWords),
    cause: cause === undefined ? undefined : causeWords(cause, englishWords),
    heard: heardAt === undefined ? undefined : when(heardAt, asOf, englishWords),
    missed: missedWords(missed['24h']),
    missedWeek: missedWords(missed['7d']),
    battery:
      battery === undefined
        ? undefined
        : `${numberWords(battery.newest, battery.quantity, englishWords)} ${unitWords(battery.quantity)}`.trim(),
    left:
      battery === undefined
        ? undefined
        : battery.daysLeft === undefined
          ? battery.why === undefined
            ? undefined
            : englishWords.say(`battery.${battery.why}`)
          : `about ${battery.daysLeft.toLocaleString('en-GB')} days left`,
    signal:
      signal === undefined
        ? undefined
        : `${Math.round(signal.rssi)} dBm${signal.snr === undefined ? '' : `, SNR ${signal.snr.toFixed(1)} dB`}`,
    trend: signal === undefined ? undefined : trendWords(signal),
  };
};

const missedWords = ({ expected, missed, percent }: Vitals['missed']['7d']): string | undefined =>
  percent === undefined
    ? undefined
    : `${Math.round(percent)} % (${missed.toLocaleString('en-GB')} of ${expected.toLocaleString('en-GB')})`;

const trendWords = ({ trend, perWeek }: NonNullable<Vitals['signal']>): string => {
  if (perWeek === undefined) return 'less than a week of values';
  return trend === 'steady' ? 'steady' : `${trend} by ${Math.abs(perWeek).toFixed(1)} dB a week`;
};

const columns = [
  'device',
  'name',
  'site',
  'state',
  'cause',
  'heard_at',
  'missed_24h_percent',
  'missed_7d_percent',
  'missed_30d_percent',
  'battery_quantity',
  'battery',
  'battery_unit',
  'battery_days_left',
  'rssi_dbm',
  'snr_db',
  'signal_db_per_week',
];

const csvOf = (rows: readonly Vitals[], parts: EngineerParts): string =>
  csv(
    columns,
    rows.map((one) => [
      one.device.id,
      one.device.name,
      siteOf(one, parts)?.id ?? null,
      one.state ?? null,
      one.cause?.cause ?? null,
      one.heardAt === undefined ? null : iso(one.heardAt),
      ...(['24h', '7d', '30d'] as const).map((window) => decimals(one.missed[window].percent, 1)),
      one.battery?.quantity ?? null,
      decimals(one.battery?.newest, 3),
      one.battery === undefined ? null : quantityOf(one.battery.quantity).unit,
      one.battery?.daysLeft ?? null,
      decimals(one.signal?.rssi, 1),
      decimals(one.signal?.snr, 1),
      decimals(one.signal?.perWeek, 2),
    ]),
  );

const decimals = (value: number | undefined, places: number): number | null =>
  value === undefined ? null : Number(value.toFixed(places));

/** How the whole fleet is heard: silence, missed messages, batteries, signal; filters and order in the address. */
export const healthPages = (desk: Desk, parts: EngineerParts): void => {
  const fleet = openFleet(parts);
  const drawn = async (visit: Visit): Promise<Page> => page(await fleet(), askedIn(visit), visit, parts);
  desk.get(HREF, 'read', async (visit) => fresh(await drawn(visit)));
  desk.post(
    HREF,
    'manage',
    async (visit) =>
      actOnMany(visit, {
        parts,
        drawn,
        fitting: async () => chosen(await fleet(), askedIn(visit), parts).map(({ device }) => device.id),
      }),
    { bodyBytes: MANY_FORM_BYTES },
  );
  desk.get(`${HREF}.csv`, 'read', async (visit) => ({
    file: {
      name: 'health.csv',
      type: 'text/csv; charset=utf-8',
      body: csvOf(chosen(await fleet(), askedIn(visit), parts), parts),
    },
  }));
};
