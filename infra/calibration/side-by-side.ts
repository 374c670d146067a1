import type { Pair } from '../../device-profiles/calibration/fit.ts';
import type { Catalogue } from '../../device-profiles/profile.ts';
import { Flag, Invalid, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Device } from '../registry/contract.ts';
import { everyMsOf } from '../registry/every.ts';
import type { TimeSeries } from '../timeseries/contract.ts';
import { captureOf, hoursOf, type HourStats, type Sample } from '../timeseries/hours.ts';

/** One datastream. */
export interface Stream {
  readonly device: Device;
  readonly quantity: QuantityId;
}

/** An hour in which both were measured. */
export interface TimedPair extends Pair {
  /** The beginning of the hour, GMT. */
  readonly time: Instant;
}

/** 75 % of an hour on both sides. */
const CAPTURE_AT_LEAST = 0.75;
/** Readings of one page. */
const PAGE = 10_000;

/**
 * The hourly means of a sensor and of a reference beside it, in the quantity's unit, in order of time. The sensor's are what
 * it said before any calibration; the reference's are as they are kept. Values that are suspect or failed take no part.
 * @throws Invalid (`quantity-unmapped`) where the sensor's profile does not say how its numbers are read.
 */
export const sideBySide = async (
  {
    sensor,
    reference,
    from,
    to,
  }: { readonly sensor: Stream; readonly reference: Stream; readonly from: Instant; readonly to: Instant },
  {
    timeseries,
    catalogue,
  }: { readonly timeseries: Pick<TimeSeries, 'range'>; readonly catalogue: Pick<Catalogue, 'get'> },
): Promise<readonly TimedPair[]> => {
  const everyMs = ({ device }: Stream): number => everyMsOf(device, catalogue);
  const uncorrected = uncorrectedIn(sensor, catalogue);
  const said = await hoursIn({ ...sensor, from, to, timeseries }, ({ raw }) =>
    raw === null ? undefined : uncorrected(raw),
  );
  const truth = await hoursIn({ ...reference, from, to, timeseries }, ({ value }) => value);
  const there = new Map(whole(truth, everyMs(reference)).map((hour) => [hour.time, hour]));
  return whole(said, everyMs(sensor)).flatMap(({ time, mean }) => {
    const hour = there.get(time);
    return hour === undefined ? [] : [{ time, sensor: mean, reference: hour.mean }];
  });
};

const whole = (hours: readonly HourStats[], everyMs: number): readonly HourStats[] =>
  hours.filter((hour) => captureOf(hour, everyMs) >= CAPTURE_AT_LEAST);

/** From the number as the device sends it to the quantity's unit. */
const uncorrectedIn = ({ device, quantity }: Stream, catalogue: Pick<Catalogue, 'get'>): ((raw: number) => number) => {
  const field = [...(catalogue.get(device.profile)?.fields.values() ?? [])].find((one) => one.quantity === quantity);
  if (field === undefined)
    throw new Invalid(
      'quantity-unmapped',
      `the profile ${device.profile} of ${device.id} does not say how ${quantity} is read`,
    );
  return (raw) => raw * field.conversion.scale + field.conversion.offset;
};

const hoursIn = async (
  {
    device,
    quantity,
    from,
    to,
    timeseries,
  }: Stream & { readonly from: Instant; readonly to: Instant; readonly timeseries: Pick<TimeSeries, 'range'> },
  numberOf: (observation: { readonly value: number; readonly raw: number | null }) => number | undefined,
): Promise<readonly HourStats[]> => {
  const samples: Sample[] = [];
  for (let after: string | undefined; ;) {
    const page = await timeseries.range({
      devices: [device.id],
      quantities: [quantity],
      maxFlag: Flag.notEvaluated,
      from,
      to,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { time, value, raw } of page.observations) {
      const number = value.kind === 'measured' ? numberOf({ value: value.value, raw }) : undefined;
      if (number !== undefined) samples.push({ time, value: number });
    }
    if (page.next === undefined) return hoursOf(samples);
    after = page.next;
  }
};
