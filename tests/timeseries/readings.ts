import {
  absent,
  borough,
  deviceId,
  instant,
  measured,
  siteId,
  type Absence,
  type Borough,
  type DeviceId,
  type Flag,
  type Instant,
  type Judged,
  type JudgedReading,
  type QualityTest,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';

/** A Monday noon in November, when it is the same time in Stockport and in UTC. */
export const NOON = instant(Date.UTC(2026, 10, 23, 12));
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export const after = (ms: number): Instant => instant(NOON + ms);

/** A device on Wellington Road, by number. */
export const device = (number: number | string): DeviceId =>
  deviceId(typeof number === 'number' ? `zephyr-${String(number).padStart(3, '0')}` : number);
export const site = (name: string): SiteId => siteId(name);
export const stockport: Borough = borough('stockport');

/** A value that passed; `sent` is what the device had written. */
export const pass = (quantity: QuantityId, value: number, sent = value): Judged => ({
  quantity,
  value: measured(value),
  raw: sent,
  flag: 1,
});
export const flagged = (quantity: QuantityId, value: number, flag: Flag, reason?: QualityTest): Judged => ({
  quantity,
  value: measured(value),
  raw: value,
  flag,
  ...(reason === undefined ? {} : { reason }),
});
export const gone = (quantity: QuantityId, reason: Absence, raw: number | null = null): Judged => ({
  quantity,
  value: absent(reason),
  raw,
  flag: 9,
  reason,
});

export interface ReadingParts {
  readonly device?: DeviceId;
  readonly site?: SiteId | null;
  readonly borough?: Borough | null;
  readonly time?: Instant;
  readonly receivedAt?: Instant;
}

/** One reading of a device at a street corner, received a second later unless said otherwise. */
export const reading = (observations: readonly Judged[], parts: ReadingParts = {}): JudgedReading => {
  const time = parts.time ?? NOON;
  return {
    device: device(1),
    site: site('a6-column-14'),
    borough: stockport,
    receivedAt: instant(time + 1000),
    ...parts,
    time,
    observations,
  };
};
