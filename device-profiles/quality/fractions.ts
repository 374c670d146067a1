import type { Judged } from '../vocabulary/observation.ts';
import { Flag } from '../vocabulary/value.ts';
import { worseOf } from './grave.ts';
import type { Plausibility } from './limits.ts';
import { copied, disordered, excess, fractions, sameFor, Sameness, slackOf } from './plausibility.ts';
import type { Witness } from './track.ts';

/** The verdicts on one reading so far. */
interface Verdicts {
  readonly time: number;
  readonly judged: Judged[];
}

const rankOf = new Map<string, number>(fractions.map((fraction, rank) => [fraction, rank]));

/** Looks at the fractions of particulate matter in a device's readings together. */
export class Fractions {
  /** For each fraction and the next finer one that stood beside it, by their ranks. */
  readonly #same: (Sameness | undefined)[] = [];
  /** Where in the reading at hand each fraction stands. */
  readonly #places: (number | undefined)[] = fractions.map(() => undefined);

  /** Changes the verdicts in `held.judged` where fractions do not go together. */
  judge(held: Verdicts, limits: Plausibility, witness: Witness | undefined): void {
    const { judged } = held;
    const places = this.#places;
    let found = 0;
    places.fill(undefined);
    for (let place = 0; place < judged.length; place += 1) {
      const one = judged[place];
      const rank =
        one === undefined || one.value.kind === 'absent' || (one.reason === 'gross-range' && one.flag === Flag.fail)
          ? undefined
          : rankOf.get(one.quantity);
      if (rank === undefined) continue;
      places[rank] = place;
      found += 1;
    }
    if (found < 2) return;
    let finer: number | undefined;
    for (let rank = 0; rank < places.length; rank += 1) {
      if (places[rank] === undefined) continue;
      if (finer !== undefined) this.#pair(held, finer * places.length + rank, limits, witness);
      finer = rank;
    }
  }

  /** @param pair the ranks of the two in one number. */
  #pair(held: Verdicts, pair: number, limits: Plausibility, witness: Witness | undefined): void {
    const { judged, time } = held;
    const [finerAt, coarserAt] = [
      this.#places[Math.floor(pair / fractions.length)],
      this.#places[pair % fractions.length],
    ];
    if (finerAt === undefined || coarserAt === undefined) return;
    const [finer, coarser] = [judged[finerAt], judged[coarserAt]];
    if (finer?.value.kind !== 'measured' || coarser?.value.kind !== 'measured') return;
    const [small, large] = [finer.value.value, coarser.value.value];
    const order = disordered(small, large, limits);
    const same = (this.#same[pair] ??= new Sameness());
    same.next(time, small, large, limits.withinMs);
    const copy = limits.identicalMs < Infinity ? copied(same, limits) : Flag.pass;
    if (witness !== undefined) {
      const more = { found: excess(small, large), suspect: slackOf(large, limits), fail: Infinity };
      for (const [{ quantity }, { quantity: beside }] of [
        [finer, coarser],
        [coarser, finer],
      ] as const)
        witness({ quantity, time, test: 'plausibility', flag: order, ...more, pair: { beside, asks: 'order' } });
      const pair = { beside: finer.quantity, asks: 'sameness' } as const;
      witness({
        quantity: coarser.quantity,
        time,
        test: 'plausibility',
        flag: copy,
        found: sameFor(same),
        suspect: limits.identicalMs,
        fail: Infinity,
        pair,
      });
    }
    if (order !== Flag.pass) judged[finerAt] = spoilt(finer);
    if (order !== Flag.pass || copy !== Flag.pass) judged[coarserAt] = spoilt(coarser);
  }
}

const spoilt = (judged: Judged): Judged => {
  const grave = worseOf(judged, Flag.suspect, 'plausibility');
  return grave.flag === judged.flag ? judged : { ...judged, ...grave };
};
