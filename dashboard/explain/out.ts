import { iso, instant, type Value } from '../../device-profiles/vocabulary/index.ts';
import type {
  Bound,
  Check,
  ExplainedCalibration,
  ExplainedValue,
  Message,
  Today,
} from '../../infra/explain/contract.ts';
import type { RollUps } from '../../infra/explain/roll-ups.ts';
import { textOf } from '../preview/shape.ts';
import { isoOrNull, observationOut } from '../wire.ts';
import { conversionRule, formulaOf, whyOf } from './rules.ts';
import type { ExplanationOut } from './shape.ts';

/** @param payload whether who asks may see what devices sent. */
export const explanationOut = (
  { stored, messages, messagesAbsent, profile, today, differs, keptSince }: ExplainedValue,
  rollUps: RollUps,
  payload: boolean,
): ExplanationOut => ({
  stored: observationOut(stored),
  messages: messages.map((message) => messageOut(message, payload)),
  messagesAbsent: messagesAbsent ?? null,
  profile: profile ?? null,
  today: today.kind === 'explained' ? todayOut(today) : null,
  refused: today.kind === 'refused' ? { step: today.step, reason: today.reason, detail: today.detail } : null,
  differs: [...differs],
  keptSince: isoOrNull(keptSince),
  reprocess:
    differs.length === 0 || keptSince !== undefined
      ? null
      : `npx kerbside reprocess --device ${stored.device} --from ${iso(stored.time)} --to ${iso(instant(stored.time + 1))} --dry-run`,
  rollUps: {
    leftOut: rollUps.leftOut ?? null,
    hourNotValid: rollUps.hourNotValid,
    means: rollUps.means.map(({ period, time, value, count, capture, valid, over }) => ({
      period,
      time: iso(time),
      value,
      count,
      capture,
      valid,
      over,
    })),
    indices: rollUps.indices.map((index) => ({ ...index, time: iso(index.time) })),
    counts: rollUps.counts.map((count) => ({ ...count, from: iso(count.from), to: iso(count.to) })),
  },
});

const messageOut = (
  { part, entry: { seq, uplink } }: Message,
  payload: boolean,
): ExplanationOut['messages'][number] => {
  const bytes = Buffer.from(uplink.payload);
  return {
    part,
    seq,
    id: uplink.id,
    connector: uplink.connector,
    via: uplink.via ?? null,
    redelivered: uplink.redelivered,
    receivedAt: iso(uplink.receivedAt),
    sentAt: isoOrNull(uplink.sentAt),
    size: bytes.length,
    hex: payload ? bytes.toString('hex') : null,
    text: payload ? textOf(bytes) : null,
    fPort: uplink.lorawan?.fPort ?? null,
    fCnt: uplink.lorawan?.fCnt ?? null,
    frequency: uplink.lorawan?.frequency ?? null,
    dataRate: uplink.lorawan?.dataRate ?? null,
    gateways: (uplink.lorawan?.receptions ?? []).map(({ gateway, rssi, snr }) => ({
      gateway,
      rssi: rssi ?? null,
      snr: snr ?? null,
    })),
  };
};

const numberOf = (value: Value): number | null => (value.kind === 'measured' ? value.value : null);

const todayOut = ({
  clock,
  disbelieved,
  reading,
  site,
  field,
  calibration,
  checks,
  judged,
}: Today): NonNullable<ExplanationOut['today']> => ({
  clock: clock ?? null,
  disbelieved: isoOrNull(disbelieved),
  reading: reading ?? null,
  site,
  field: { key: field.key, keyGuessed: field.keyGuessed, raw: field.raw, unit: field.unit },
  conversion: {
    from: field.unit,
    to: field.canonical,
    ...field.conversion,
    rule: conversionRule(field),
    before: field.raw,
    after: numberOf(field.converted),
    absent: field.converted.kind === 'absent' ? field.converted.reason : null,
  },
  calibration: calibration === undefined ? null : calibrationOut(calibration),
  checks: checks.map(checkOut),
  value: numberOf(judged.value),
  flag: judged.flag,
  reason: judged.reason ?? null,
  why: whyOf(checks, judged),
});

const calibrationOut = (
  explained: ExplainedCalibration,
): NonNullable<NonNullable<ExplanationOut['today']>['calibration']> => {
  const { calibration, humidity, growth, uncorrected, before, after } = explained;
  const { id, version, author, reason, from, to, correction } = calibration;
  return {
    id,
    version,
    author,
    reason,
    from: iso(from),
    to: isoOrNull(to),
    coefficients: [...correction.coefficients],
    humidity:
      correction.humidity === undefined
        ? null
        : { ...correction.humidity, value: humidity ?? null, growth: growth ?? null },
    formula: formulaOf(explained),
    uncorrected,
    before,
    after: numberOf(after),
  };
};

type CheckOut = NonNullable<ExplanationOut['today']>['checks'][number];

const checkOut = ({
  test,
  asks,
  notMade,
  offBy,
  flag,
  found,
  unit,
  suspect,
  fail,
  beside,
  recalled,
}: Check): CheckOut => ({
  test,
  asks,
  made: notMade === undefined,
  notMade: notMade ?? null,
  offBy: offBy ?? null,
  flag: flag ?? null,
  found: found ?? null,
  unit,
  suspect: suspect === undefined ? null : boundOut(suspect),
  fail: fail === undefined ? null : boundOut(fail),
  beside: beside.map(({ time, value, quantity, site }) => ({
    time: iso(time),
    value,
    quantity: quantity ?? null,
    site: site ?? null,
  })),
  recalled,
});

const boundOut = ({ min, max, below, source }: Bound): NonNullable<CheckOut['suspect']> => ({
  min: min ?? null,
  max: max ?? null,
  below: below ?? null,
  source,
});
