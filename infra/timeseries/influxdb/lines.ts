import { Point } from '@influxdata/influxdb-client';
import {
  Flag,
  quantityOf,
  type Family,
  type Instant,
  type Judged,
  type JudgedReading,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';

/** Fields of each point beside its quantities, integers in milliseconds since 1970. */
export const RECEIVED_AT = 'receivedAt';
/** When we wrote it: of two points for one time the later counts (see points.ts). */
export const WRITTEN_AT = 'writtenAt';

/** The four fields of a quantity. */
export const fieldsOf = (quantity: QuantityId) => ({
  value: quantity,
  raw: `${quantity}_raw`,
  flag: `${quantity}_flag`,
  reason: `${quantity}_reason`,
});

/**
 * A reading in line protocol, one line for each family that it has quantities of: `air_quality,borough=..,device=..,site=..
 * pm2_5=12.3,pm2_5_flag=1i,pm2_5_raw=12.3,receivedAt=..i,writtenAt=..i 1790000000000`.
 *
 * An absent value has no value field, and its reason. InfluxDB adds fields to a point that is there and never takes
 * one away: a value that is corrected to absent leaves the old number behind, so a reader goes by the flag and the
 * reason, and a reason is written, if only an empty one, wherever the flag says to look at it.
 * What cannot be taken back is a raw value: where a correction has none, the earlier one stays.
 */
export const linesOf = (
  { device, site, borough, time, receivedAt, observations }: JudgedReading,
  writtenAt: Instant,
): string[] => {
  const points = new Map<Family, Point>();
  for (const judged of observations) {
    const { family } = quantityOf(judged.quantity);
    let point = points.get(family);
    if (point === undefined) {
      point = new Point(family)
        .tag('device', device)
        .timestamp(time)
        .intField(RECEIVED_AT, receivedAt)
        .intField(WRITTEN_AT, writtenAt);
      // The client leaves out tags without a value: an observation that belongs to no site has no such tag.
      point.tag('site', site ?? '').tag('borough', borough ?? '');
      points.set(family, point);
    }
    addFields(point, judged);
  }
  return [...points.values()].flatMap((point) => point.toLineProtocol(asMilliseconds) ?? []);
};

const asMilliseconds = { convertTime: (time: Date | number | string | undefined): string => String(time) };

const addFields = (point: Point, { quantity, value, raw, flag, reason }: Judged): void => {
  const fields = fieldsOf(quantity);
  point.intField(fields.flag, flag);
  if (value.kind === 'measured') point.floatField(fields.value, value.value);
  if (raw !== null) point.floatField(fields.raw, raw);
  const word = value.kind === 'absent' ? value.reason : reason;
  if (word !== undefined || flag >= Flag.suspect) point.stringField(fields.reason, word ?? '');
};
