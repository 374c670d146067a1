import { draw, wander } from './random.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The weather over the whole town at one moment: one sky for all sensors, so that their readings go together. */
export interface Weather {
  /** Cel */
  readonly temperature: number;
  /** %, 0 to 100 */
  readonly humidity: number;
  /** hPa at about 60 m above the sea */
  readonly pressure: number;
  /** m/s */
  readonly windSpeed: number;
  /** Where it blows from, degrees, 0 to 360 */
  readonly windDirection: number;
  /** mm in this minute, in the 0.2 mm tips of a tipping-bucket gauge */
  readonly rain: number;
  /** 0 at night to 1 at noon under a clear sky in June */
  readonly sun: number;
}

/** The hour of the day on the clocks of Stockport, 0 to 24, and whether people work today. */
export interface LocalTime {
  readonly hour: number;
  readonly workday: boolean;
}

/**
 * The last Sunday of a month, 01:00 UTC: when the clocks of the United Kingdom change (Summer Time Act 1972, as
 * amended 2002).
 */
const lastSunday = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return Date.UTC(year, month, last.getUTCDate() - last.getUTCDay(), 1);
};

/** Local time in Stockport. Bank holidays are working days here. */
export const localTime = (timeMs: number): LocalTime => {
  const year = new Date(timeMs).getUTCFullYear();
  const summer = timeMs >= lastSunday(year, 2) && timeMs < lastSunday(year, 9);
  const local = timeMs + (summer ? HOUR : 0);
  const weekday = new Date(local).getUTCDay();
  return { hour: (local % DAY) / HOUR, workday: weekday !== 0 && weekday !== 6 };
};

/** -1 in mid-January to 1 in mid-July. */
const season = (timeMs: number): number => -Math.cos((2 * Math.PI * (timeMs - Date.UTC(2026, 0, 16))) / (365.25 * DAY));

/** The sky of this seed at this time. Means and swings are roughly those of north-west England; the rest wanders. */
export const weatherAt = (seed: number, timeMs: number): Weather => {
  const solarHour = (timeMs % DAY) / HOUR;
  const summer = season(timeMs);
  // A front passes about every day and a half: low pressure, wind, cloud and rain come together.
  const front = wander(seed, 'front', timeMs, 36 * HOUR);
  const cloud = Math.min(1, Math.max(0, 0.55 + 0.6 * front + 0.15 * wander(seed, 'cloud', timeMs, 2 * HOUR)));
  const height = Math.sin((Math.PI * (solarHour - 6)) / 12) * (0.62 + 0.38 * summer) + 0.25 * summer - 0.12;
  const sun = Math.max(0, height) * (1 - 0.8 * cloud);
  const daily = Math.cos((2 * Math.PI * (solarHour - 14.5)) / 24) * (3.6 + 1.2 * summer) * (1 - 0.6 * cloud);
  const temperature =
    10.2 +
    6 * summer +
    daily +
    3 * wander(seed, 'air mass', timeMs, 60 * HOUR) +
    0.2 * wander(seed, 'breeze', timeMs, HOUR / 6);
  const humidity = Math.min(
    99,
    Math.max(32, 79 + 13 * front - 2.6 * daily + 3 * wander(seed, 'damp', timeMs, 3 * HOUR)),
  );
  const windSpeed = Math.max(
    0.2,
    3.6 + 2.4 * front + 1.2 * wander(seed, 'wind', timeMs, 2 * HOUR) + 0.8 * wander(seed, 'gust', timeMs, HOUR / 20),
  );
  const windDirection =
    (360 + 235 + 60 * wander(seed, 'veer', timeMs, 12 * HOUR) + 15 * wander(seed, 'eddy', timeMs, HOUR / 12)) % 360;
  const wet = Math.max(0, front + 0.5 * wander(seed, 'shower', timeMs, HOUR) - 0.45);
  const tips = draw(seed, `tip:${Math.floor(timeMs / 60_000)}`) < wet * 0.5 ? 1 : 0;
  return { temperature, humidity, pressure: 1008 - 14 * front, windSpeed, windDirection, rain: tips * 0.2, sun };
};
