import {
  absences,
  absent,
  borough,
  instant,
  isQuantityId,
  measured,
  qualityTests,
  siteId,
  Flag,
  KerbsideError,
  type Absence,
  type DeviceId,
  type Instant,
  type Judged,
  type JudgedReading,
  type QualityTest,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';

/**
 * How one observation lies in the column `observations`: `"no2":[value,raw,flag,reason]`, the reason only where there
 * is one; and `"pm2_5":12.3` for what most observations are: passed, and sent in the canonical unit.
 */
type Cell = number | readonly [value: number | null, raw: number | null, flag: number, reason?: string];

/** A reading as it lies in the tables, beside its device. */
export interface Row {
  readonly time: Instant;
  readonly received: Instant;
  readonly site: string | null;
  readonly borough: string | null;
  readonly observations: string;
}

/** What a sum needs of a row. */
export type RowText = Pick<Row, 'time' | 'site' | 'observations'>;

/** What SQLite gives out as an array of just these. @throws KerbsideError `timeseries-unreadable` when a column has another type. */
export const textOf = ({ 0: time, 1: site, 2: observations }: Readonly<Record<string, unknown>>): RowText => {
  if (typeof time !== 'number' || typeof observations !== 'string') throw unreadable('no time');
  return { time: instant(time), site: typeof site === 'string' ? site : null, observations };
};

/**
 * The value of a quantity whose cell is a plain number, that is one that passed, found in the text without reading all of it
 * as JSON: names stand in it as keys only. Undefined when the quantity is not there; NaN when the
 * row has to be read as a whole, because its cell is no plain number or the text is none of ours.
 */
export const plainIn = (observations: string, key: string): number | undefined => {
  if (!observations.startsWith('{') || !observations.endsWith('}')) return Number.NaN;
  const at = observations.indexOf(key);
  if (at === -1) return undefined;
  const begin = at + key.length;
  const comma = observations.indexOf(',', begin);
  const text = observations.slice(begin, comma === -1 ? observations.length - 1 : comma);
  return text === '' ? Number.NaN : Number(text);
};

/** What SQLite gives out. @throws KerbsideError `timeseries-unreadable` when a column has another type. */
export const rowOf = ({ time, received, site, borough, observations }: Readonly<Record<string, unknown>>): Row => {
  if (typeof time !== 'number' || typeof received !== 'number' || typeof observations !== 'string')
    throw unreadable('no time');
  return {
    time: instant(time),
    received: instant(received),
    site: typeof site === 'string' ? site : null,
    borough: typeof borough === 'string' ? borough : null,
    observations,
  };
};

export const rowFor = ({ time, receivedAt, site, borough, observations }: JudgedReading): Row => ({
  time,
  received: receivedAt,
  site,
  borough,
  observations: encode(observations),
});

/** One observation in that form: two are the same, word for word, when these texts are. */
export const cellOf = ({ quantity, value, raw, flag, reason }: Judged): string => {
  const word = value.kind === 'absent' ? value.reason : reason;
  const number = value.kind === 'measured' ? value.value : null;
  if (number !== null && number === raw && flag === Flag.pass && word === undefined) return `"${quantity}":${number}`;
  return `"${quantity}":[${number},${raw},${flag}${word === undefined ? ']' : `,"${word}"]`}`;
};

/**
 * The observations of a reading as compact JSON, `{"no2":[12.3,6.43,1],"o3":[null,null,9,"fault"],"pm10":8}`. Built by hand:
 * it is the hot path, and names and reasons are from closed lists that need no escaping.
 */
const encode = (observations: readonly Judged[]): string => {
  let text = '{';
  for (const judged of observations) text += text === '{' ? cellOf(judged) : `,${cellOf(judged)}`;
  return `${text}}`;
};

/** What reads rows back; `unknownQuantity` is told of names that this version does not know, and they are left out. */
export const rowReader = (unknownQuantity: (name: string) => void) => {
  const sites = memo(siteId);
  const boroughs = memo(borough);

  const judgedIn = (text: string, wanted: (quantity: QuantityId) => boolean): Judged[] => {
    const observations: Judged[] = [];
    for (const [quantity, cell] of Object.entries(parsed(text))) {
      if (!isQuantityId(quantity)) unknownQuantity(quantity);
      else if (wanted(quantity)) observations.push({ quantity, ...contents(cell) });
    }
    return observations.sort((a, b) => (a.quantity < b.quantity ? -1 : 1));
  };

  /** @throws KerbsideError `timeseries-unreadable` when the row is not one that `rowFor` made. */
  return (device: DeviceId, row: Row, wanted: (quantity: QuantityId) => boolean = () => true): JudgedReading => ({
    device,
    site: row.site === null ? null : sites(row.site),
    borough: row.borough === null ? null : boroughs(row.borough),
    time: row.time,
    receivedAt: row.received,
    observations: judgedIn(row.observations, wanted),
  });
};

/** Reads rows as readings; the observations, or those of them that are wanted, in order of quantity. */
export type RowReader = ReturnType<typeof rowReader>;

const parsed = (text: string): object => {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch (error) {
    throw unreadable('what is no JSON', { cause: error });
  }
  throw unreadable('no observations');
};

const reasons = new Set<unknown>([...absences, ...qualityTests]);
const isReason = (word: unknown): word is Absence | QualityTest => reasons.has(word);
const isAbsence = (word: unknown): word is Absence => isReason(word) && !qualityTests.some((test) => test === word);
const flags = new Set<unknown>(Object.values(Flag));
const isFlag = (number: unknown): number is Flag => flags.has(number);
const isCell = (cell: unknown): cell is Cell =>
  typeof cell === 'number' || (Array.isArray(cell) && cell.length >= 3 && isNumber(cell[0]) && isNumber(cell[1]));
const isNumber = (value: unknown): value is number | null => value === null || typeof value === 'number';

const contents = (cell: unknown): Omit<Judged, 'quantity'> => {
  if (!isCell(cell)) throw unreadable('an observation of another shape');
  if (typeof cell === 'number') return { value: measured(cell), raw: cell, flag: Flag.pass };
  const [number, raw, flag, reason] = cell;
  if (!isFlag(flag)) throw unreadable('an unknown flag');
  if (number !== null) {
    const value = measured(number);
    return isReason(reason) ? { value, raw, flag, reason } : { value, raw, flag };
  }
  if (!isAbsence(reason)) throw unreadable('an absent value without its reason');
  return { value: absent(reason), raw, flag, reason };
};

const unreadable = (what: string, options?: ErrorOptions): KerbsideError =>
  new KerbsideError(
    'timeseries-unreadable',
    `the time series holds a row with ${what}: restore it from a backup`,
    options,
  );

/** The same few names come back in row after row: each is checked once. Bounded by the sites and boroughs there are. */
const memo = <Id>(parse: (text: string) => Id): ((text: string) => Id) => {
  const known = new Map<string, Id>();
  return (text) => {
    let id = known.get(text);
    if (id === undefined) known.set(text, (id = parse(text)));
    return id;
  };
};
