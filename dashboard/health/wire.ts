import { Type, type Static, type TSchema } from 'typebox';
import { instant, iso } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS, routeKinds } from '../../infra/heard/contract.ts';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import { causes, routesNow } from '../now/routes.ts';
import { hearings, reportingWithinMs, silentAfterMs } from '../now/rules.ts';
import { isoOrNull, numberOrNull, oneOf, time, timeOrNull } from '../wire.ts';
import { batteryWhy, type Battery } from './battery.ts';
import type { Vitals } from './device.ts';
import type { Missed } from './missed.ts';
import { signalTrends, type Signal } from './signal.ts';

/**
 * How the health of a device looks on every way out: the API, and the command line's `--json`. docs/health.md says what
 * each word means.
 */

const closed = { additionalProperties: false };
const wordOrNull = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Unsafe<Words[number] | null>({ type: ['string', 'null'], enum: [...words, null], description });
const orNull = <T extends TSchema>(of: T, description: string) =>
  Type.Unsafe<Static<T> | null>({ anyOf: [of, { type: 'null' }], description });
const date = (description: string) => Type.String({ format: 'date', description });
const count = (description: string) => Type.Integer({ minimum: 0, description });

/** Messages or values against the expected interval. */
export const MissedOut = Type.Object(
  {
    from: time('Beginning of the first hour that lies wholly in the time'),
    to: time('Its end'),
    expected: count('Messages, by the expected interval, while the device was in service and the server listened'),
    missed: count('Messages of these that did not come'),
    percent: numberOrNull({ description: '%; null when fewer than four were expected' }),
  },
  closed,
);
const FramesOut = Type.Object(
  {
    received: count('Frames received on the UTC days from that in which the time begins to today'),
    missed: count('Frames that the counter shows to be missing on these days'),
  },
  closed,
);
const byWindow = <T extends TSchema>(of: T) => Type.Object({ '24h': of, '7d': of, '30d': of }, closed);

const BatteryOut = Type.Object(
  {
    quantity: oneOf(['battery_voltage', 'battery_level'], { description: 'By which the battery is judged' }),
    unit: Type.String({ description: 'Of `newest`, `perDay` and `emptyAt`: a UCUM code' }),
    newest: Type.Number({ description: 'Mean of the newest day that has values' }),
    day: date('That day, UTC'),
    days: count('Days with values that the line rests on'),
    perDay: numberOrNull({ description: 'Slope of the line, negative when it falls' }),
    emptyAt: numberOrNull({ description: 'Where it counts as empty' }),
    assumed: Type.Boolean({ description: "That mark is our assumption, not the profile's" }),
    daysLeft: numberOrNull({ description: 'From `day` on; null when nothing can be said, see `why`' }),
    why: wordOrNull(batteryWhy, 'Why there is no `daysLeft`'),
  },
  closed,
);
const SignalOut = Type.Object(
  {
    source: oneOf(['received', 'said'], {
      description: '`received`: as a gateway heard it best; `said`: by the device itself',
    }),
    day: date('The newest UTC day with values'),
    rssi: Type.Number({ description: 'Mean of that day, dBm' }),
    rssiMin: Type.Number({ description: 'Weakest of that day, dBm' }),
    snr: numberOrNull({ description: 'Mean of that day, dB' }),
    snrMin: numberOrNull({ description: 'Lowest of that day, dB' }),
    perWeek: numberOrNull({ description: 'Slope of the daily means of up to 30 days, dB a week' }),
    trend: oneOf(signalTrends, { description: 'The slope in a word' }),
  },
  closed,
);
const RouteNameOut = Type.Object({ kind: oneOf(routeKinds), name: Type.String() }, closed);
const RouteOut = Type.Object(
  { kind: oneOf(routeKinds), name: Type.String(), heardAt: time('When this device was last heard by it') },
  closed,
);

/** The health of one device. */
export const HealthOut = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    status: oneOf(deviceStatuses),
    state: wordOrNull(hearings, 'How it is heard; null of planned and retired devices'),
    cause: wordOrNull(causes, 'Why it is late or silent; null when it is neither, or nothing is known of its routes'),
    route: orNull(RouteNameOut, 'The gateway, broker or door that the cause is laid to'),
    alsoUnheard: count('How many other sensors share that route and are late or silent too'),
    asOf: time('Everything that came in until then is in here'),
    heardAt: timeOrNull('Time of receipt of its last message, understood or not'),
    aboutAt: timeOrNull('Newest phenomenon time of what was understood'),
    everySeconds: Type.Number({ description: "Expected interval, s: its profile's" }),
    lateAfterSeconds: Type.Number({ description: 'Silence after which it is late, s' }),
    silentAfterSeconds: Type.Number({ description: 'Silence after which it is silent, s' }),
    missed: byWindow(MissedOut),
    frames: orNull(byWindow(FramesOut), 'LoRaWAN frames by their counter; null where there is none'),
    battery: orNull(BatteryOut, 'Null when the device says nothing of its battery'),
    signal: orNull(SignalOut, 'Null when nothing is known of its signal'),
    routes: Type.Array(RouteOut, { description: 'By which it was heard lately, the newest last' }),
  },
  closed,
);

/** The day as RFC 3339 writes a date. */
const dateOf = (days: number): string => iso(instant(days * DAY_MS)).slice(0, 10);
const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
const roundedOrNull = (value: number | undefined, decimals: number): number | null =>
  value === undefined ? null : rounded(value, decimals);

export const healthOut = (vitals: Vitals): Static<typeof HealthOut> => {
  const { device, state, cause, asOf, everyMs, heardAt, heard, missed, frames } = vitals;
  return {
    id: device.id,
    name: device.name,
    status: device.status,
    state: state ?? null,
    cause: cause?.cause ?? null,
    route: cause?.route === undefined ? null : { kind: cause.route.kind, name: cause.route.name },
    alsoUnheard: cause?.alsoUnheard ?? 0,
    asOf: iso(asOf),
    heardAt: isoOrNull(heardAt),
    aboutAt: isoOrNull(heard?.aboutAt),
    everySeconds: everyMs / 1000,
    lateAfterSeconds: reportingWithinMs(everyMs) / 1000,
    silentAfterSeconds: silentAfterMs(everyMs) / 1000,
    missed: { '24h': missedOut(missed['24h']), '7d': missedOut(missed['7d']), '30d': missedOut(missed['30d']) },
    frames: frames === undefined ? null : { '24h': frames['24h'], '7d': frames['7d'], '30d': frames['30d'] },
    battery: vitals.battery === undefined ? null : batteryOut(vitals.battery),
    signal: vitals.signal === undefined ? null : signalOut(vitals.signal),
    routes:
      heard === undefined
        ? []
        : routesNow({ heard, everyMs }).map(({ kind, name, at }) => ({ kind, name, heardAt: iso(at) })),
  };
};

export const missedOut = ({ from, to, expected, missed, percent }: Missed): Static<typeof MissedOut> => ({
  from: iso(from),
  to: iso(to),
  expected,
  missed,
  percent: roundedOrNull(percent, 1),
});

const batteryOut = (battery: Battery): Static<typeof BatteryOut> => ({
  quantity: battery.quantity,
  unit: battery.unit,
  newest: rounded(battery.newest, 3),
  day: dateOf(battery.day),
  days: battery.days,
  perDay: roundedOrNull(battery.perDay, 5),
  emptyAt: battery.emptyAt ?? null,
  assumed: battery.assumed,
  daysLeft: battery.daysLeft ?? null,
  why: battery.why ?? null,
});

const signalOut = (signal: Signal): Static<typeof SignalOut> => ({
  source: signal.source,
  day: dateOf(signal.day),
  rssi: rounded(signal.rssi, 1),
  rssiMin: rounded(signal.rssiMin, 1),
  snr: roundedOrNull(signal.snr, 1),
  snrMin: roundedOrNull(signal.snrMin, 1),
  perWeek: roundedOrNull(signal.perWeek, 2),
  trend: signal.trend,
});
