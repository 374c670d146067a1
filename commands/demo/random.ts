/**
 * Chance without memory: every draw is a function of a seed and of what is asked, so that the same street at the same
 * moment is always the same, in whatever order it is looked at and however often the demo was stopped in between.
 */

/** 32 bits from any text (FNV-1a): a small, fast and even spread; nothing here needs to be unguessable. */
const hash = (text: string): number => {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
  return bits >>> 0;
};

/** One step of mulberry32, a public-domain generator: 32 bits to a number in [0, 1). */
const mulberry32 = (state: number): number => {
  let bits = (state + 0x6d2b79f5) | 0;
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
};

/** A draw in [0, 1) that belongs to this seed and this question. */
export const draw = (seed: number, question: string): number =>
  mulberry32(hash(question) ^ Math.imul(seed, 0x9e3779b1));

/** One of several, never none. */
export const pick = <T>(choices: readonly [T, ...T[]], chance: number): T =>
  choices[Math.floor(chance * choices.length)] ?? choices[0];

/** A smooth wander in [-1, 1] that turns about once in `periodMs`: draws at whole periods, joined by cosines. */
export const wander = (seed: number, question: string, timeMs: number, periodMs: number): number => {
  const step = Math.floor(timeMs / periodMs);
  const along = timeMs / periodMs - step;
  const from = draw(seed, `${question}:${step}`);
  const to = draw(seed, `${question}:${step + 1}`);
  return 2 * (from + ((to - from) * (1 - Math.cos(Math.PI * along))) / 2) - 1;
};

/**
 * How many came, when `mean` come on average and none knows of another (Poisson). For means of street size; beyond
 * 50 its normal neighbour.
 */
export const arrivals = (seed: number, question: string, mean: number): number => {
  if (mean <= 0) return 0;
  if (mean > 50) {
    const [a, b] = [draw(seed, `${question}:a`), draw(seed, `${question}:b`)];
    return Math.max(
      0,
      Math.round(mean + Math.sqrt(mean) * Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b)),
    );
  }
  const chance = draw(seed, question);
  let [count, probability] = [0, Math.exp(-mean)];
  let sum = probability;
  // Forty standard deviations up nothing is left to find; the bound is for the last draw before 1.
  while (chance > sum && count < 400) {
    count += 1;
    probability *= mean / count;
    sum += probability;
  }
  return count;
};
