import { draw, wander } from '../random.ts';
import { passedIn, streetAt, trafficShare } from '../street.ts';
import { localTime, weatherAt } from '../weather.ts';
import type { RadioKindName, RadioSensor } from './network.ts';
import { dlItst, dlPm } from './payloads/decentlab.ts';
import type { Content } from './payloads/content.ts';
import { em500Swl, vs133, ws302, type KeptDepth } from './payloads/milesight.ts';
import { df702, nps405smChange, nps405smHeartbeat, tcr } from './payloads/others.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a sensor puts into the frame of this time, always the same for the same time. */
export type RadioReader = (atMs: number, kept: readonly KeptDepth[]) => Content;

interface Parts {
  readonly seed: number;
  readonly sensor: RadioSensor;
  readonly passages: Passages;
}
type Say = (atMs: number, parts: Parts, kept: readonly KeptDepth[]) => Content;

export const radioReader = (seed: number, sensor: RadioSensor): RadioReader => {
  const parts: Parts = { seed, sensor, passages: passagesSinceMidnight(seed, sensor) };
  return (atMs, kept) => says[sensor.kind](atMs, parts, kept);
};

const says: Readonly<Record<RadioKindName, Say>> = {
  vs133: (atMs, { passages }) => vs133(passages(lastMinute(atMs))),
  swl: (atMs, { seed, sensor }, kept) =>
    em500Swl({ battery: charge(seed, sensor), depth: depthAt(seed, sensor, atMs) }, kept),
  tcr: (atMs, { seed, sensor }) => {
    const minute = lastMinute(atMs);
    const { vehicles } = passedIn(seed, sensor.place, minute);
    const weather = weatherAt(seed, atMs);
    const speed = 40 + Math.round(4 * wander(seed, `${sensor.id}:speed`, atMs, 5 * MINUTE));
    return tcr({
      batteryVoltage: 12.4 + 0.8 * weather.sun,
      solar: 9000 * weather.sun,
      temperature: weather.temperature + 3 + 5 * weather.sun,
      classes: classes(vehicles, { speed, chance: draw(seed, `${sensor.id}:mix:${minute}`) }),
    });
  },
  ws302: (atMs, { seed, sensor }) => {
    const { laeq, lamax } = streetAt(seed, sensor.place, atMs);
    const fast = laeq + 2 * wander(seed, `${sensor.id}:fast`, atMs, MINUTE / 3);
    return ws302({ battery: charge(seed, sensor), fast, average: laeq, maximum: Math.max(lamax, fast) });
  },
  bin: (atMs, { seed, sensor }) => {
    const fill = filledAt(seed, sensor, atMs);
    return df702({
      distance: Math.round(DEEP_MM - (DEEP_MM - FULL_MM) * fill),
      temperature: weatherAt(seed, atMs).temperature + 1,
      angle: Math.floor(4 * draw(seed, `${sensor.id}:leans`)),
      full: fill > 0.95,
    });
  },
  pm: (atMs, { seed, sensor }) => {
    const { pm1, pm25, pm10, weather } = streetAt(seed, sensor.place, atMs);
    return dlPm({
      deviceId: serial(sensor),
      pm1,
      pm25,
      pm4: pm25 + 0.35 * (pm10 - pm25),
      pm10,
      temperature: weather.temperature,
      humidity: weather.humidity,
      pressure: weather.pressure,
      batteryVoltage: volts(seed, sensor, atMs),
    });
  },
  bay: (atMs, { seed, sensor }) => {
    const slot = Math.floor(atMs / MINUTE);
    const occupied = isTaken(seed, sensor, slot);
    let before = 1;
    while (before < 24 * 60 && isTaken(seed, sensor, slot - 1 - before) !== occupied) before += 1;
    const { temperature } = weatherAt(seed, atMs);
    const bay = { occupied, minutesBefore: before, batteryVoltage: volts(seed, sensor, atMs), temperature };
    return isTaken(seed, sensor, slot - 1) === occupied ? nps405smHeartbeat(bay) : nps405smChange(bay);
  },
  surface: (atMs, { seed, sensor }) => {
    const { temperature, sun } = weatherAt(seed, atMs);
    const surface = temperature + 9 * sun - 1.2;
    return dlItst({
      deviceId: serial(sensor),
      surface,
      head: temperature + 2 * sun,
      batteryVoltage: volts(seed, sensor, atMs),
    });
  },
};

/** The whole minute that was over when the frame was sent. */
const lastMinute = (atMs: number): number => Math.floor(atMs / MINUTE) * MINUTE - MINUTE;

const serial = ({ devEui }: RadioSensor): number => Number.parseInt(devEui.slice(-4), 16);
const charge = (seed: number, { id }: RadioSensor): number => 82 + Math.floor(17 * draw(seed, `${id}:battery`));
const volts = (seed: number, { id }: RadioSensor, atMs: number): number =>
  3.3 + 0.1 * draw(seed, `${id}:battery`) + 0.02 * wander(seed, `${id}:cell`, atMs, 12 * HOUR);

type Passages = (minuteMs: number) => {
  readonly totalIn: number;
  readonly totalOut: number;
  readonly periodIn: number;
  readonly periodOut: number;
};

/** The counter is set to clear its totals at midnight, UTC. Asked in order of time it only adds. */
const passagesSinceMidnight = (seed: number, { place }: RadioSensor): Passages => {
  let [next, totalIn, totalOut] = [0, 0, 0];
  return (minuteMs) => {
    const midnight = minuteMs - (minuteMs % DAY);
    if (next < midnight || next > minuteMs + MINUTE) [next, totalIn, totalOut] = [midnight, 0, 0];
    for (; next <= minuteMs; next += MINUTE) {
      const passed = passedIn(seed, place, next);
      totalIn += passed.footfallIn;
      totalOut += passed.footfallOut;
    }
    const { footfallIn: periodIn, footfallOut: periodOut } = passedIn(seed, place, minuteMs);
    return { totalIn, totalOut, periodIn, periodOut };
  };
};

/** Slow, usual, quick and fast ones, about half from either side. */
const classes = (vehicles: number, { speed, chance }: { readonly speed: number; readonly chance: number }) => {
  const left = Math.round(vehicles * (0.4 + 0.2 * chance));
  return [0.15, 0.65, 0.2, 0].map((share, index) => {
    const mean = Math.max(5, speed + 9 * (index - 1));
    const of = (all: number) => {
      const count = portion(all, share, index);
      return { count, speed: count === 0 ? 0 : mean };
    };
    return { left: of(left), right: of(vehicles - left) };
  });
};
/** The usual class gets what rounding leaves, so that nobody is lost. */
const portion = (count: number, share: number, index: number): number => {
  const others = Math.floor(count * 0.15) + Math.floor(count * 0.2);
  return index === 1 ? count - others : Math.floor(count * share);
};

/** A gully holds a few centimetres, and fills with the rain of the last hour. */
export const depthAt = (seed: number, { id }: RadioSensor, atMs: number): number => {
  const end = Math.floor(atMs / MINUTE) * MINUTE;
  let rain = 0;
  for (let minute = 0; minute < 60; minute += 3)
    rain += weatherAt(seed, end - minute * MINUTE).rain * (1 - minute / 60);
  return Math.round(4 + 14 * rain + 1.5 * wander(seed, `${id}:level`, atMs, 20 * MINUTE));
};

const DEEP_MM = 1150;
const FULL_MM = 180;
/** Emptied before six in the morning, and filled by who passes: some overflow before the next round. */
const filledAt = (seed: number, { id, place }: RadioSensor, atMs: number): number => {
  const since = (localTime(atMs).hour + 18) % 24;
  const pace = 0.35 + 0.6 * draw(seed, `${id}:${Math.floor((atMs - 6 * HOUR) / DAY)}`) + place.people / 200;
  return Math.min(1, (pace * since) / 24);
};

/** Whether somebody stands there in this minute: stays of some twenty minutes, more of them when there is traffic. */
const isTaken = (seed: number, { id }: RadioSensor, slot: number): boolean => {
  const stay = Math.floor((slot + Math.floor(20 * draw(seed, `${id}:shift`))) / 20);
  return draw(seed, `${id}:stay:${stay}`) < 0.2 + 0.7 * trafficShare(localTime(stay * 20 * MINUTE));
};
