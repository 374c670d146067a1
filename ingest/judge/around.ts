import {
  instant,
  type DeviceId,
  type Judged,
  type JudgedReading,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';

/** A time in which a device is looked at, both ends inclusive, in milliseconds. */
export interface Span {
  readonly device: DeviceId;
  readonly from: number;
  readonly to: number;
}

/** What the store has of a device in a span, in order of time, and whether it has anything after it. */
export interface Around {
  readonly readings: readonly JudgedReading[];
  readonly beyond: boolean;
}

/** As many observations as one question to the store may have. */
const PAGE = 10_000;
/** Devices that are asked for at once: half a day of each is some ten thousand observations. */
const TOGETHER = 50;
/** Spans that lie no further apart than this are asked for as one. */
const APART_MS = 3_600_000;

/** Reads what is around one device's values. @throws StoreUnavailable. */
export const readAround = async (
  timeseries: Pick<TimeSeries, 'range'>,
  { device, from, to }: Span,
): Promise<Around> => {
  const readings: Gathered[] = [];
  for await (const observation of observations(timeseries, [device], { from })) {
    if (observation.time > to) return { readings, beyond: true };
    gather(readings, observation);
  }
  return { readings, beyond: false };
};

/**
 * The same for many devices, some at a time, which costs far less than one after the other: after a start all of them
 * are asked for. Those that cannot be asked for together are left out: what lies after some of them, nobody knows.
 * @throws StoreUnavailable.
 */
export const readTogether = async (
  timeseries: Pick<TimeSeries, 'range'>,
  spans: readonly Span[],
): Promise<ReadonlyMap<DeviceId, Around>> => {
  const found = new Map<DeviceId, Around>();
  for (let at = 0; at < spans.length; at += TOGETHER) {
    const some = spans.slice(at, at + TOGETHER);
    const [froms, tos] = [some.map(({ from }) => from), some.map(({ to }) => to)];
    const [from, to] = [Math.min(...froms), Math.max(...tos)];
    if (some.length < 2 || Math.max(...froms) - from > APART_MS || to - Math.min(...tos) > APART_MS) continue;
    const devices = some.map(({ device }) => device);
    const after = await timeseries.range({ devices, from: instant(Math.min(...tos) + 1), limit: 1 });
    if (after.observations.length > 0) continue;
    const readings = new Map<DeviceId, Gathered[]>(devices.map((device) => [device, []]));
    for await (const observation of observations(timeseries, devices, { from }))
      gather(readings.get(observation.device) ?? [], observation);
    for (const [device, all] of readings) found.set(device, { readings: all, beyond: false });
  }
  return found;
};

async function* observations(
  timeseries: Pick<TimeSeries, 'range'>,
  devices: readonly DeviceId[],
  { from }: Pick<Span, 'from'>,
): AsyncGenerator<Observation> {
  let after: string | undefined;
  do {
    const page = await timeseries.range({
      devices,
      from: instant(Math.max(from, -8.64e15)),
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    yield* page.observations;
    after = page.next;
  } while (after !== undefined);
}

/** Observations come in order of (device, time, quantity): those of one device and time are one reading. */
const gather = (readings: Gathered[], observation: Observation): void => {
  const { device, site, borough, time, receivedAt, ...judged } = observation;
  const last = readings.at(-1);
  if (last?.time === time) last.observations.push(judged);
  else readings.push({ device, site, borough, time, receivedAt, observations: [judged] });
};
interface Gathered extends JudgedReading {
  readonly observations: Judged[];
}
