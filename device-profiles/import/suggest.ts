import { quantityOf, type QuantityId } from '../vocabulary/quantity.ts';
import { oneLine } from './one-line.ts';
import type { SeenKey } from '../decode/seen.ts';
import { evaluate, type Fit } from './suggest-fit.ts';
import { tokensOf } from './suggest-tokens.ts';
import { unitAtEnd } from './suggest-units.ts';
import { containers, neutral, notMeasured, timeWords, vetoes } from './suggest-vocabulary.ts';
import { confidences, words, type Confidence, type Words } from './suggest-words.ts';

/** What a key of a decoder seems to be, for a person to confirm. */
export type Suggestion =
  | ({
      readonly kind: 'measures';
      readonly key: string;
      readonly sample: string;
      readonly confidence: Confidence;
      readonly reason: string;
    } & Omit<Fit, 'confidence' | 'reason'>)
  /** Known to be no measurement. */
  | { readonly kind: 'ignores'; readonly key: string; readonly sample: string; readonly reason: string }
  /** Nobody here knows: a person maps it or ignores it. */
  | { readonly kind: 'unmapped'; readonly key: string; readonly sample: string; readonly reason: string };

type Measures = Extract<Suggestion, { kind: 'measures' }>;

const byPhrase = new Map<string, readonly Words[]>();
for (const entry of words)
  for (const phrase of entry.phrases.split(' ')) byPhrase.set(phrase, [...(byPhrase.get(phrase) ?? []), entry]);

/** Characters of a sample that are shown. */
const SAMPLE_AT_MOST = 40;
const shown = ({ samples }: SeenKey): string => {
  const sample = samples.find((one) => one !== null) ?? null;
  // Printable and on one line: it comes from a stranger's decoder and stands in a comment.
  return oneLine(String(sample), SAMPLE_AT_MOST);
};

/** A phrase that was found in a key, and what stands around it. */
interface Found {
  readonly entries: readonly Words[];
  readonly phrase: string;
  /** Words beside the phrase. */
  readonly beside: readonly string[];
  readonly unit?: string;
}

/** A number behind a word is a word of its own, unless the two together mean something: `temp2`, but `co2`. */
const apart = (token: string): readonly string[] => {
  const [, word, number] = /^([a-z]{3,})(\d{1,2})$/.exec(token) ?? [];
  return word === undefined ||
    number === undefined ||
    byPhrase.has(token) ||
    neutral.has(token) ||
    unitAtEnd([token]) !== undefined
    ? [token]
    : [word, number];
};

/** The longest known phrase in a key's words: any run of words that reads as the phrase. */
const phraseIn = (all: readonly string[]): Found | undefined => {
  let best: Found | undefined;
  const tokens = all.flatMap(apart);
  // `tempC_SHT`: the unit stands before the name of the chip.
  while (tokens.length > 1 && (neutral.has(tokens.at(-1) ?? '') || /^\d$/.test(tokens.at(-1) ?? ''))) {
    if (byPhrase.has(tokens.slice(-2).join(''))) break;
    tokens.pop();
  }
  const ending = unitAtEnd(tokens);
  for (let from = 0; from < tokens.length; from += 1) {
    let joined = '';
    for (let to = from; to < tokens.length && joined.length <= 40; to += 1) {
      joined += tokens[to] ?? '';
      const entries = byPhrase.get(joined);
      if (entries === undefined || joined.length <= (best?.phrase.length ?? 0)) continue;
      const outside = tokens.filter((_, at) => at < from || at > to);
      const told = ending === undefined ? undefined : ending.tokens;
      // The unit's words are none of the leftovers, unless they are the phrase's own: `lux`.
      const beyond = told !== undefined && tokens.length - told > to;
      best = {
        entries,
        phrase: joined,
        beside: beyond && told !== undefined ? outside.slice(0, outside.length - told) : outside,
        ...(ending === undefined ? {} : { unit: ending.unit }),
      };
    }
  }
  return best;
};

const rank = (confidence: Confidence): number => confidences.indexOf(confidence);

/** The words of a key; of the objects around it, those that only say what kind of object it is do not count. */
const tokensIn = (key: string): readonly string[] => {
  // `pm2.5`: a point between digits is none between objects.
  const parts = key.split(/\.(?!\d)/);
  return [
    ...parts.slice(0, -1).flatMap((part) => tokensOf(part).filter((word) => !containers.has(word))),
    ...tokensOf(parts.at(-1) ?? ''),
  ];
};

/** What one key seems to be, looked at alone. */
const suggestOne = (seen: SeenKey): Suggestion => {
  const { key } = seen;
  const sample = shown(seen);
  const unmapped = (reason: string): Suggestion => ({ kind: 'unmapped', key, sample, reason });
  const tokens = tokensIn(key);
  const joined = tokens.join('');
  const last = tokens.at(-1) ?? '';
  if (seen.inList === true) return unmapped('an element of a list');
  if (
    notMeasured.has(joined) ||
    (tokens.length > 1 &&
      seen.samples.every((value) => typeof value === 'string') &&
      ['unit', 'displayname'].includes(tokensOf(key.split('.').at(-1) ?? '').join('')))
  )
    return {
      kind: 'ignores',
      key,
      sample,
      reason: 'says something of the device or the message, and measures nothing',
    };
  if (timeWords.has(joined) || timeWords.has(last))
    return unmapped('looks like a time: name it as `time` in profile.yaml if it is');
  const found = phraseIn(tokens) ?? (seen.label === undefined ? undefined : phraseIn(tokensOf(seen.label)));
  if (found === undefined) return unmapped('no quantity is known by such a name');
  const veto = found.beside.find((word) => vetoes.has(word));
  if (veto !== undefined) return unmapped(`\`${found.phrase}\` beside \`${veto}\` is something else`);
  const leftovers = found.beside.filter((word) => !neutral.has(word) && !/^\d{1,2}$/.test(word));
  const fits = found.entries.map((entry) =>
    evaluate(entry, { seen, leftovers, ...(found.unit === undefined ? {} : { unit: found.unit }) }),
  );
  const good = fits.filter((fit) => typeof fit !== 'string').sort((a, b) => rank(b.confidence) - rank(a.confidence));
  const [best] = good;
  if (best === undefined) return unmapped(fits.find((fit) => typeof fit === 'string') ?? 'no unit fits');
  return { kind: 'measures', key, sample, ...best };
};

/** What speaks for a suggestion among several of one quantity. */
const score = ({ confidence, leftovers, quantity, unit }: Measures): number =>
  rank(confidence) * 1000 - leftovers * 10 + (unit === quantityOf(quantity).unit ? 5 : 0);

/** Of several keys for one quantity the clearly best stays as it is; the others, or all where none is, become guesses. */
const settleRivals = (rivals: readonly Measures[]): ReadonlyMap<string, Measures> => {
  const sorted = [...rivals].sort((a, b) => score(b) - score(a));
  const [first, second] = sorted;
  if (first === undefined || second === undefined) return new Map();
  const won = score(first) > score(second);
  const names = (keys: readonly Measures[]): string => keys.map(({ key }) => `\`${key}\``).join(', ');
  const doubt = (one: Measures): Measures => ({
    ...one,
    confidence: 'guess',
    reason: won
      ? `${one.reason}; but ${names([first])} gives ${one.quantity} more surely`
      : `${one.reason}; but ${names(sorted.filter((other) => other !== one))} would be ${one.quantity} too: choose one`,
  });
  return new Map(sorted.filter((one) => !(won && one === first)).map((one) => [one.key, doubt(one)]));
};

/**
 * What each key seems to be, in their order: never two keys `sure` or `likely` for one quantity. Never throws, whatever
 * the keys and samples are.
 */
export const suggest = (keys: readonly SeenKey[]): readonly Suggestion[] => {
  const alone = keys.map(suggestOne);
  const measures = alone.filter((one): one is Measures => one.kind === 'measures');
  const doubted = new Map<string, Measures>();
  for (const rivals of Map.groupBy(measures, ({ quantity }): QuantityId => quantity).values())
    for (const [key, one] of settleRivals(rivals)) doubted.set(key, one);
  return alone.map((one) => doubted.get(one.key) ?? one);
};
