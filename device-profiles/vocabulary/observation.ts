import type { Borough, DeviceId, SiteId } from './ids.ts';
import type { QuantityId } from './quantity.ts';
import type { Instant } from './time.ts';
import type { Absence, Flag, Value } from './value.ts';

/** The quality tests that can give a flag of 3 or 4, in the order in which they are asked; also a metric label. */
export const qualityTests = [
  'gross-range',
  'device-time',
  'calibration',
  'warm-up',
  'flat-line',
  'rate-of-change',
  'time-gap',
  'neighbours',
  'plausibility',
  'spike',
] as const;
export type QualityTest = (typeof qualityTests)[number];

/** One value of one quantity, in its canonical unit, before it is judged. */
export interface Measurement {
  readonly quantity: QuantityId;
  readonly value: Value;
  /** The number as the device sent it, in the device's unit; null where it sent none. Kept for ever with the value. */
  readonly raw: number | null;
}

/** A measurement and what it is worth. */
export interface Judged extends Measurement {
  readonly flag: Flag;
  /** The test that gave a 3 or 4, or why the value is absent; undefined when the flag is 1 or 2. */
  readonly reason?: QualityTest | Absence;
}

/**
 * What one device observed at one phenomenon time: the unit in which observations are judged, stored and announced.
 * Identity is (device, time): the same reading twice is a duplicate, other quantities at the same time are added to it.
 */
export interface Reading<Of extends Measurement = Measurement> {
  readonly device: DeviceId;
  /** Where the device was deployed at `time`; null when nowhere. */
  readonly site: SiteId | null;
  readonly borough: Borough | null;
  /** Phenomenon time: when it was so in the street. */
  readonly time: Instant;
  readonly receivedAt: Instant;
  readonly observations: readonly Of[];
}

export type JudgedReading = Reading<Judged>;

/** One value on its own, as the API, the live bus and the feeds give it out. */
export interface Observation extends Judged {
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly borough: Borough | null;
  readonly time: Instant;
  readonly receivedAt: Instant;
}

/** A reading as single observations. */
export const observationsOf = ({
  device,
  site,
  borough,
  time,
  receivedAt,
  observations,
}: JudgedReading): Observation[] =>
  observations.map((judged) => ({ device, site, borough, time, receivedAt, ...judged }));
