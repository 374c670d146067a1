import type { Instant, QuarantineReason, Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { Explain, Explanation, Trial } from './contract.ts';
import { leavesOf, type Leaf } from './leaves.ts';

/** Where two ways to read one uplink part. */
export interface Difference {
  readonly uplink: Uplink;
  /**
   * `said.temperature` in the maker's words, `observed.temperature` in ours, `refused` where both refuse for other
   * reasons.
   */
  readonly path: string;
  /** Left out where that side says nothing there. */
  readonly a?: Leaf;
  readonly b?: Leaf;
}

/** What one side refused, by reason: how many, and the detail of the first, such as what its codec threw. */
export type Refusals = ReadonlyMap<QuarantineReason, { readonly uplinks: number; readonly detail: string }>;

/** What came of comparing two ways to read uplinks: `compared` is the sum of the four counts below it. */
export interface Comparison {
  readonly compared: number;
  /** Both say the same, or refuse for the same reason. */
  readonly same: number;
  readonly different: number;
  /** Only that side refused it. */
  readonly onlyARefused: number;
  readonly onlyBRefused: number;
  /** How often each side refused, by reason, and what exactly was wrong with the first. */
  readonly refusals: { readonly a: Refusals; readonly b: Refusals };
  /**
   * How many differences there are, of which `differences` has the first: numbers that differ most, then all others.
   */
  readonly found: number;
  readonly differences: readonly Difference[];
  /** Whether its time was up, or nobody waited any more, before all uplinks were compared. */
  readonly cut: boolean;
}

/** A page for a person and 100 kB for a program; who has more than this has the wrong codec. */
export const DIFFERENCES_AT_MOST = 200;
/**
 * Explained at once: two threads of the sandbox are busy with them for some milliseconds, and payloads are up to 256
 * kB.
 */
const AT_ONCE = 50;

/** Two ways to read uplinks. */
export interface Pair {
  readonly a: Trial;
  readonly b: Trial;
  /** Only the maker's words are compared: a codec is given without saying what they mean. */
  readonly wordsOnly: boolean;
}

/** How long a comparison may go on. What is being explained is always explained to its end. */
export interface Within {
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal;
  /** Milliseconds that explaining may take, those included in which others were explained to; from 0. */
  readonly explainingMs?: number;
}

/**
 * Reads uplinks in both ways and counts what differs, until there are no more or it may not go on. Keeps no uplink but
 * those that it names.
 */
export const compareUplinks = async (
  explain: Explain,
  { a, b, wordsOnly }: Pair,
  uplinks: AsyncIterable<Uplink> | Iterable<Uplink>,
  { signal, explainingMs = Infinity }: Within = {},
): Promise<Comparison> => {
  const tally = openTally(wordsOnly);
  let usedMs = 0;
  const isOver = (): boolean => signal?.aborted === true || usedMs > explainingMs;
  const settle = async (some: readonly Uplink[]): Promise<void> => {
    const since = performance.now();
    const [asA, asB] = [await explain(some, a), await explain(some, b)];
    usedMs += performance.now() - since;
    for (const [index, one] of asA.entries()) {
      const other = asB[index];
      if (other !== undefined) tally.add(one, other);
    }
  };
  let some: Uplink[] = [];
  for await (const uplink of uplinks) {
    if (isOver()) return tally.report(true);
    some.push(uplink);
    if (some.length < AT_ONCE) continue;
    await settle(some);
    some = [];
  }
  if (some.length > 0 && isOver()) return tally.report(true);
  if (some.length > 0) await settle(some);
  return tally.report(false);
};

type Refused = NonNullable<Explanation['refused']>;

const openTally = (wordsOnly: boolean) => {
  const counts = { compared: 0, same: 0, different: 0, onlyARefused: 0, onlyBRefused: 0, found: 0 };
  type Counted = { readonly uplinks: number; readonly detail: string };
  const refusals = { a: new Map<QuarantineReason, Counted>(), b: new Map<QuarantineReason, Counted>() };
  let differences: Difference[] = [];
  const keep = (found: readonly Difference[]): void => {
    counts.found += found.length;
    differences.push(...found);
    if (differences.length > DIFFERENCES_AT_MOST * 2) differences = first(differences);
  };
  const note = (side: 'a' | 'b', refused: Refused | undefined): void => {
    if (refused === undefined) return;
    const { uplinks, detail } = refusals[side].get(refused.reason) ?? { uplinks: 0, detail: refused.detail };
    refusals[side].set(refused.reason, { uplinks: uplinks + 1, detail });
  };
  return {
    add(a: Explanation, b: Explanation): void {
      const [refusedA, refusedB] = [refusalOf(a, wordsOnly), refusalOf(b, wordsOnly)];
      counts.compared += 1;
      note('a', refusedA);
      note('b', refusedB);
      if (refusedA !== undefined && refusedB !== undefined) {
        if (refusedA.reason === refusedB.reason) counts.same += 1;
        else {
          counts.different += 1;
          keep([{ uplink: a.uplink, path: 'refused', a: refusedA.reason, b: refusedB.reason }]);
        }
      } else if (refusedA !== undefined) counts.onlyARefused += 1;
      else if (refusedB !== undefined) counts.onlyBRefused += 1;
      else {
        const found = differencesOf(a, b, wordsOnly);
        counts[found.length === 0 ? 'same' : 'different'] += 1;
        keep(found);
      }
    },
    report: (cut: boolean): Comparison => ({ ...counts, refusals, differences: first(differences), cut }),
  };
};

/** Where only words are compared, a codec that said some has not refused, whatever nobody mapped. */
const refusalOf = ({ refused, said }: Explanation, wordsOnly: boolean): Refused | undefined =>
  wordsOnly && said.length > 0 ? undefined : refused;

const differencesOf = (a: Explanation, b: Explanation, wordsOnly: boolean): readonly Difference[] => {
  const [inA, inB] = [statements(a, wordsOnly), statements(b, wordsOnly)];
  return [...new Set([...inA.keys(), ...inB.keys()])].flatMap((path) => {
    const [one, other] = [inA.get(path), inB.get(path)];
    if (one === other) return [];
    return {
      uplink: a.uplink,
      path,
      ...(one === undefined ? {} : { a: one }),
      ...(other === undefined ? {} : { b: other }),
    };
  });
};

/** All that an explanation says, by the place where it says it. */
const statements = ({ said, readings }: Explanation, wordsOnly: boolean): ReadonlyMap<string, Leaf> => {
  const all = new Map<string, Leaf>();
  for (const [index, message] of said.entries()) leavesOf(message, placed('said', index, said.length), all);
  if (wordsOnly) return all;
  for (const [index, { time, values }] of readings.entries()) {
    const place = placed('observed', index, readings.length);
    all.set(`${place}.time`, timeOf(time));
    for (const { quantity, value } of values)
      all.set(`${place}.${quantity}`, value.kind === 'measured' ? value.value : value.reason);
  }
  return all;
};

const timeOf = (time: Instant): string => new Date(time).toISOString();
const placed = (what: string, index: number, of: number): string => (of === 1 ? what : `${what}[${index}]`);

/** By how much two numbers differ; what are not both numbers stands behind those that are. */
const sizeOf = ({ a, b }: Difference): number =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) : -1;

const first = (differences: readonly Difference[]): Difference[] =>
  differences.toSorted((one, other) => sizeOf(other) - sizeOf(one)).slice(0, DIFFERENCES_AT_MOST);
