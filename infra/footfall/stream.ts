import type { Span } from './civil-time.ts';
import { coveredOf, totalOf, type Coarse } from './coarse.ts';
import { inOrder, isCount, mostIn, type Count, type Sample, type StreamRules } from './count.ts';
import { deltasOf, type CounterRules, type Delta } from './counter.ts';
import { stretchesOf, type LabelRules } from './labels.ts';
import { place, type Labelled } from './source-clock.ts';

/** How one direction of one device is read. */
export interface Rules extends CounterRules, LabelRules {}

/** What one direction of one device said, in any order and as often as it liked. */
export interface Said {
  /** Counts of periods. */
  readonly periods: readonly Sample[];
  /** Readings of the running total. */
  readonly totals: readonly Sample[];
  /** Hours and days of counts of periods, and of readings of the total, whose single readings retention has taken. */
  readonly coarse?: { readonly periods: readonly Coarse[]; readonly totals: readonly Coarse[] };
}

/** A stretch between two readings of the total in which the periods' counts do not add up to what it rose by. */
export interface Difference extends Span {
  readonly periods: number;
  readonly total: number;
}

/** One direction of one device, as counts. */
export interface Counted {
  /** In no order; those that say nothing of the same moments twice, but where the source's clock repeats an hour. */
  readonly counts: readonly Count[];
  readonly differences: readonly Difference[];
  /** Readings that say what cannot be, or the same again. */
  readonly leftOut: number;
}

/**
 * Counts of one direction: those of periods where there are any, because they say when; the total's rise for what they
 * leave uncovered, because a frame that was lost is in the next total; and the two held against each other.
 */
export const countsOf = (said: Said, rules: Rules): Counted => {
  const periods = [...coarsePeriodsOf(said.coarse?.periods ?? [], rules), ...periodsOf(said.periods, rules)].sort(
    (a, b) => a.from - b.from,
  );
  // A total beside a period's count is what the counter showed when the period was over.
  const shift = rules.labelled === 'begin' && periods.length > 0 ? rules.everyMs : 0;
  const read = [...(said.coarse?.totals ?? []).map((coarse) => totalOf(coarse, rules)), ...said.totals];
  const totals = read.map((sample) => ({ ...sample, label: sample.label + shift }));
  const { deltas, leftOut } = deltasOf(totals, rules);
  const whole = reconcile(periods, deltas, rules);
  const impossible = [...said.periods, ...said.totals].filter((sample) => !isCount(sample)).length;
  return {
    counts: [...periods.filter((period) => !whole.repeats.has(period)), ...whole.filled].map((count) =>
      placed(count, rules),
    ),
    differences: whole.differences.map(({ periods, total, ...labels }) => {
      const { from, to } = place(labels, rules.clock);
      return { from, to, periods, total };
    }),
    leftOut: leftOut + whole.repeats.size + impossible,
  };
};

const placed = ({ from, to, passages, doubt, coarseMs, covered }: Delta, { clock }: Rules): Count => {
  const { clockChange, ...span } = place({ from, to }, clock);
  const why = doubt ?? (clockChange ? 'clock-change' : undefined);
  return {
    ...span,
    passages,
    ...(why === undefined ? {} : { doubt: why }),
    ...(coarseMs === undefined ? {} : { coarseMs }),
    ...(covered === undefined ? {} : { covered: covered.map((one) => place(one, clock)) }),
  };
};

/** Hours and days of counts of periods: one count each, of which it is known what it covers, and not when in it they passed. */
const coarsePeriodsOf = (coarse: readonly Coarse[], rules: Rules): readonly Delta[] =>
  coarse.flatMap((one) => {
    const covered = coveredOf(one, rules);
    const [first, last] = [covered[0], covered.at(-1)];
    if (first === undefined || last === undefined || !isCount({ label: first.from, value: one.sum })) return [];
    const tooFast = one.sum > covered.reduce((sum, { from, to }) => sum + mostIn(to - from, rules), 0);
    return [
      {
        from: first.from,
        to: last.to,
        passages: one.sum,
        coarseMs: one.widthMs,
        covered,
        ...(tooFast ? { doubt: 'too-fast' as const } : {}),
      },
    ];
  });

/** Counts of periods with the stretch that each is about. */
const periodsOf = (samples: readonly Sample[], rules: Rules): readonly Delta[] => {
  const ordered = inOrder(samples);
  const stretches = stretchesOf(
    ordered.map(({ label }) => label),
    rules,
  );
  return stretches.map((span, at) => {
    const passages = ordered[at]?.value ?? 0;
    return {
      ...span,
      passages,
      ...(passages > mostIn(span.to - span.from, rules) ? { doubt: 'too-fast' as const } : {}),
    };
  });
};

interface Reconciled {
  /** What the totals know of stretches without a period. */
  readonly filled: readonly Delta[];
  readonly differences: readonly (Labelled & { readonly periods: number; readonly total: number })[];
  /** Periods that say again what was said: the total did not move. */
  readonly repeats: ReadonlySet<Delta>;
}

/** Each rise of the total beside the periods that ended within it. Both are in order, so one walk sees all. */
const reconcile = (periods: readonly Delta[], deltas: readonly Delta[], rules: Rules): Reconciled => {
  const filled: Delta[] = [];
  const differences: Reconciled['differences'][number][] = [];
  const repeats = new Set<Delta>();
  let at = 0;
  for (const delta of deltas) {
    while ((periods[at]?.to ?? Infinity) <= delta.from) at += 1;
    const inside: Delta[] = [];
    for (; (periods[at]?.to ?? Infinity) <= delta.to; at += 1) {
      const period = periods[at];
      if (period !== undefined) inside.push(period);
    }
    const good = inside.filter(({ doubt }) => doubt === undefined);
    const known = good.reduce((sum, { passages }) => sum + passages, 0);
    const [only] = good;
    if (only !== undefined && good.length === 1 && isRepeat(only, delta, rules)) {
      repeats.add(only);
      continue;
    }
    const holes = holesOf(
      delta,
      good.flatMap((period) => period.covered ?? [period]),
      rules,
    );
    const [first, last] = [holes[0], holes.at(-1)];
    // A total that was reset or jumped says nothing of what the periods did not see, and nothing against what they saw.
    if (good.length > 0 && (delta.doubt === 'reset' || delta.doubt === 'too-fast')) continue;
    const rest = delta.passages - known;
    if (first !== undefined && last !== undefined && rest >= 0) {
      filled.push({ ...delta, from: first.from, to: last.to, passages: rest });
    } else if (rest !== 0) {
      differences.push({ from: delta.from, to: delta.to, periods: known, total: delta.passages });
    }
  }
  return { filled, differences, repeats };
};

/** Two frames in less than half an interval, a count in the second, and a total that stands still: the frame was sent twice. */
const isRepeat = ({ passages }: Delta, delta: Delta, { everyMs }: Rules): boolean =>
  passages > 0 && delta.passages === 0 && delta.doubt === undefined && delta.to - delta.from < everyMs / 2;

/**
 * The stretches of a delta that no period covers. What is shorter than half an interval is no hole: no clock in the street
 * keeps its interval to the second.
 */
const holesOf = (delta: Labelled, periods: readonly Labelled[], { everyMs }: StreamRules): readonly Labelled[] => {
  if (periods.length === 0) return [delta];
  const edges = [...periods, { from: delta.to, to: delta.to }];
  let reached = delta.from;
  const holes: Labelled[] = [];
  for (const { from, to } of edges) {
    if (from - reached >= everyMs / 2) holes.push({ from: reached, to: from });
    reached = Math.max(reached, to);
  }
  return holes;
};
