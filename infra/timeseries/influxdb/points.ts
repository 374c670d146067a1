import {
  absences,
  absent,
  borough,
  deviceId,
  instant,
  measured,
  qualityTests,
  siteId,
  Flag,
  InvalidId,
  type Absence,
  type Borough,
  type DeviceId,
  type Instant,
  type Judged,
  type Observation,
  type QualityTest,
  type QuantityId,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';
import { fieldsOf, RECEIVED_AT, WRITTEN_AT } from './lines.ts';

/** One observation as a point has it, and when that point was written. */
export interface Written {
  readonly observation: Observation;
  readonly writtenAt: number;
}

/** Where a point is: its tags, read. */
export interface Place {
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly borough: Borough | null;
}

/** Undefined when the tags are none of ours: others may write to the same database. */
export const placeIn = (tag: (name: string) => unknown): Place | undefined => {
  const text = (name: string): string => {
    const value = tag(name);
    return typeof value === 'string' ? value : '';
  };
  const [site, in_] = [text('site'), text('borough')];
  try {
    return {
      device: deviceId(text('device')),
      site: site === '' ? null : siteId(site),
      borough: in_ === '' ? null : borough(in_),
    };
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
};

/** Reads points of a table: their observations of those quantities that they have. Columns are looked up once. */
export const pointReader = (
  columns: readonly string[],
  quantities: readonly QuantityId[],
): ((cells: readonly unknown[], place: Place) => Written[]) => {
  const at = new Map(columns.map((name, index) => [name, index]));
  const column = (name: string): number => at.get(name) ?? -1;
  const [timeAt, receivedAt, writtenAt] = [column('time'), column(RECEIVED_AT), column(WRITTEN_AT)];
  const readers = quantities.map((quantity) => {
    const { value, raw, flag, reason } = fieldsOf(quantity);
    return { quantity, value: column(value), raw: column(raw), flag: column(flag), reason: column(reason) };
  });
  return (cells, place) => {
    const [time, received, written] = [cells[timeAt], cells[receivedAt], cells[writtenAt]];
    if (typeof time !== 'number' || typeof received !== 'number' || typeof written !== 'number') return [];
    const found: Written[] = [];
    for (const { quantity, ...columns } of readers) {
      const judged = judgedIn(quantity, {
        value: cells[columns.value],
        raw: cells[columns.raw],
        flag: cells[columns.flag],
        reason: cells[columns.reason],
      });
      if (judged !== undefined)
        found.push({
          observation: { ...place, time: instant(time), receivedAt: instant(received), ...judged },
          writtenAt: written,
        });
    }
    return found;
  };
};

/** What a point has of a quantity, as it came; null or undefined where it has nothing. */
type Fields = Readonly<Record<keyof ReturnType<typeof fieldsOf>, unknown>>;

/**
 * Undefined when the point has nothing of the quantity. A point keeps fields that a correction no longer has (see
 * lines.ts): the flag says whether the reason is to be read, and the reason whether the number is.
 */
const judgedIn = (
  quantity: QuantityId,
  { flag, value: number, raw: sent, reason: word }: Fields,
): Judged | undefined => {
  if (!isFlag(flag)) return undefined;
  const raw = typeof sent === 'number' ? sent : null;
  if (typeof number !== 'number' || (flag >= Flag.suspect && isAbsence(word))) {
    const reason = isAbsence(word) ? word : 'missing';
    return { quantity, value: absent(reason), raw, flag, reason };
  }
  return {
    quantity,
    value: measured(number),
    raw,
    flag,
    ...(flag >= Flag.suspect && isTest(word) ? { reason: word } : {}),
  };
};

const flags = new Set<unknown>(Object.values(Flag));
const isFlag = (value: unknown): value is Flag => flags.has(value);
const isAbsence = (word: unknown): word is Absence => absences.some((absence) => absence === word);
const isTest = (word: unknown): word is QualityTest => qualityTests.some((test) => test === word);

/**
 * The observations of one device, each once, in order of time and quantity. Site and borough are tags, and tags are
 * part of a point's identity in InfluxDB: a reading that was written again for another site is two points there. The
 * one that was written last is what is so.
 */
export const newestWords = (written: readonly Written[]): Observation[] => {
  const times = new Map<Instant, Map<QuantityId, Written>>();
  for (const word of written) {
    const { time, quantity } = word.observation;
    let words = times.get(time);
    if (words === undefined) times.set(time, (words = new Map()));
    const before = words.get(quantity);
    if (before === undefined || word.writtenAt >= before.writtenAt) words.set(quantity, word);
  }
  return [...times]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, words]) =>
      [...words.values()].map(({ observation }) => observation).toSorted((a, b) => (a.quantity < b.quantity ? -1 : 1)),
    );
};
