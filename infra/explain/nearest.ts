import { instant, type Instant, type Observation } from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../timeseries/contract.ts';
import { HOUR_MS } from '../timeseries/hours.ts';
import type { ValueAsked } from './contract.ts';

type Store = Pick<TimeSeries, 'range'>;

/** The value that is stored for exactly that time. */
export const storedAt = async (
  timeseries: Store,
  { device, quantity, time }: ValueAsked,
): Promise<Observation | undefined> => {
  const span = { from: time, to: instant(time + 1) };
  return (await timeseries.range({ devices: [device], quantities: [quantity], ...span, limit: 1 })).observations[0];
};

/** The times of the stored values just before and just after a time. */
export interface Nearest {
  readonly before?: Instant;
  readonly after?: Instant;
}

/** Looks for them on both sides, however far away they are, by few small questions. */
export const nearestTo = async (timeseries: Store, asked: ValueAsked): Promise<Nearest> => {
  const after = await firstIn(timeseries, asked, { from: asked.time });
  const before = await lastBefore(timeseries, asked);
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
};

interface Span {
  readonly from?: Instant;
  readonly to?: Instant;
}

const firstIn = async (timeseries: Store, { device, quantity }: ValueAsked, span: Span): Promise<Instant | undefined> =>
  (await timeseries.range({ devices: [device], quantities: [quantity], ...span, limit: 1 })).observations[0]?.time;

/** A store is read forwards only: the later half is asked for first, until an hour is left, which is read whole. */
const lastBefore = async (timeseries: Store, asked: ValueAsked): Promise<Instant | undefined> => {
  let low = await firstIn(timeseries, asked, { to: asked.time });
  if (low === undefined) return undefined;
  let high = asked.time;
  while (high - low > HOUR_MS) {
    const middle = instant((low + high) / 2);
    const found = await firstIn(timeseries, asked, { from: middle, to: high });
    if (found === undefined) high = middle;
    else low = found;
  }
  let last: Instant = low;
  for (let from = low; ;) {
    const found = await timeseries.range({
      devices: [asked.device],
      quantities: [asked.quantity],
      from,
      to: high,
      limit: PAGE,
    });
    last = found.observations.at(-1)?.time ?? last;
    if (found.next === undefined) return last;
    from = instant(last + 1);
  }
};

/** Observations of one question. */
const PAGE = 10_000;
