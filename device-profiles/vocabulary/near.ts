/** More letters apart than this, and it is another word rather than a slip of the finger. */
const LETTERS_APART = 3;
/** As many as a person takes in at a glance. */
const AT_MOST = 3;

/**
 * The words that somebody may have meant, nearest first, at most three: a few letters apart, or one within the other.
 */
export const near = (word: string, words: readonly string[]): readonly string[] =>
  words
    .map((candidate) => ({ candidate, distance: within(word, candidate) ? 0 : lettersApart(word, candidate) }))
    .filter(({ distance }) => distance <= LETTERS_APART)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, AT_MOST)
    .map(({ candidate }) => candidate);

/** Half a profile's id, `vs133` or `milesight`, is what people remember. */
const within = (word: string, candidate: string): boolean =>
  word.length >= 3 && (candidate.includes(word) || word.includes(candidate));

/** Levenshtein's distance: letters put in, left out or mistaken. */
const lettersApart = (a: string, b: string): number => {
  if (Math.abs(a.length - b.length) > LETTERS_APART) return LETTERS_APART + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const [above = 0, aslant = 0, left = 0] = [row[j], row[j - 1], next[j - 1]];
      next.push(Math.min(above + 1, left + 1, aslant + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};
