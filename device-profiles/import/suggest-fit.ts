import type { Absence } from '../vocabulary/value.ts';
import { quantityOf, type QuantityId } from '../vocabulary/quantity.ts';
import { KerbsideError } from '../vocabulary/errors.ts';
import { conversionTo } from '../vocabulary/unit.ts';
import type { SeenKey } from '../decode/seen.ts';
import { unitOf } from './suggest-units.ts';
import { stateWords } from './suggest-vocabulary.ts';
import { confidences, type Confidence, type Words } from './suggest-words.ts';

/** How a key would be read as a quantity. */
export interface Fit {
  readonly quantity: QuantityId;
  /** UCUM code, which converts to the quantity's own. */
  readonly unit: string;
  readonly confidence: Confidence;
  /** In words, for the person who confirms it. */
  readonly reason: string;
  /** Words of the key that nobody here knows. */
  readonly leftovers: number;
  /** Numbers that mean that there is nothing. */
  readonly absentAt?: Readonly<Record<string, Absence>>;
  /** For a state that comes as words or true and false: the number of each. */
  readonly words?: Readonly<Record<string, number>>;
  /** The number comes as text. */
  readonly numericText?: true;
  /** What stands behind the number in the text. */
  readonly suffix?: string;
}

/** A key, and what its name says beside the phrase. */
interface Circumstances {
  readonly seen: SeenKey;
  readonly leftovers: readonly string[];
  /** UCUM code of the unit in the key's name. */
  readonly unit?: string;
}

const lower = (a: Confidence, b: Confidence): Confidence => (confidences.indexOf(a) < confidences.indexOf(b) ? a : b);

/** A number as text, and what may stand behind it. */
const numberText = /^\s*([+-]?\d+(?:\.\d+)?)(\D{0,8})$/;

/** The numbers among the samples, and how they are written. */
interface Numbers {
  readonly numbers: readonly number[];
  readonly text: boolean;
  readonly suffix?: string;
  /** Samples that are neither a number nor null. */
  readonly others: readonly (string | boolean)[];
}

const numbersOf = ({ samples }: SeenKey): Numbers => {
  const numbers: number[] = [];
  const others: (string | boolean)[] = [];
  const suffixes = new Set<string>();
  for (const sample of samples) {
    const [, digits, suffix = ''] = typeof sample === 'string' ? (numberText.exec(sample) ?? []) : [];
    if (typeof sample === 'number') numbers.push(sample);
    else if (digits !== undefined) {
      numbers.push(Number(digits));
      suffixes.add(suffix);
    } else if (sample !== null) others.push(sample);
  }
  const [suffix] = suffixes;
  // Texts that end in different ways cannot be told apart by one suffix.
  if (suffixes.size > 1) return { numbers: [], text: true, others: samples.filter((one) => typeof one === 'string') };
  return { numbers, text: suffixes.size > 0, others, ...(suffix ? { suffix } : {}) };
};

const converts = (quantity: QuantityId, unit: string): boolean => {
  try {
    conversionTo(quantity, unit);
    return true;
  } catch (error) {
    if (error instanceof KerbsideError) return false;
    throw error;
  }
};

interface Choice {
  readonly unit: string;
  readonly confidence: Confidence;
  readonly reason: string;
}

/** Which unit: the one that the message tells, the one in the name, or one that the numbers fit. */
const chooseUnit = (
  { quantity, ranges, onlyIn }: Words,
  { spoken, unit }: Circumstances & { readonly spoken: string | undefined },
  numbers: readonly number[],
): Choice | string => {
  const own = quantityOf(quantity).unit;
  if (spoken !== undefined && spoken !== '') {
    const told = unitOf(spoken);
    if (told === undefined)
      return {
        unit: own,
        confidence: 'guess',
        reason: `its unit ${JSON.stringify(spoken.slice(0, 20))} is not known here`,
      };
    if (!converts(quantity, told)) return `the message says ${told}, which is no unit of ${quantity}`;
    return { unit: told, confidence: 'sure', reason: `the message says that it is in ${told}` };
  }
  if (unit !== undefined && converts(quantity, unit))
    return { unit, confidence: 'sure', reason: `its name ends in a unit, ${unit}` };
  if (onlyIn !== undefined) return `its name says no unit of ${quantity}`;
  const first = numbers[0];
  if (ranges === undefined) return { unit: own, confidence: 'sure', reason: `usual in ${own}` };
  if (first === undefined)
    return {
      unit: ranges[0]?.unit ?? own,
      confidence: ranges.length > 1 ? 'guess' : 'likely',
      reason: 'no number was seen',
    };
  const fitting = ranges.find(({ from, to }) => numbers.every((number) => number >= from && number <= to));
  if (fitting === undefined) return `${first} is in no usual unit of ${quantity}`;
  return {
    unit: fitting.unit,
    confidence: fitting.at,
    reason: fitting.because ?? `${first}: between ${fitting.from} and ${fitting.to}, so ${fitting.unit}`,
  };
};

/** The numbers of a state that comes as words or as true and false; a text says which word is not known. */
const stateOf = (others: readonly (string | boolean)[]): Readonly<Record<string, number>> | string => {
  const numbered: [string, number][] = [];
  for (const word of others.some((one) => typeof one === 'boolean') ? [true, false, ...others] : others) {
    const number = stateWords.get(
      String(word)
        .toLowerCase()
        .replaceAll(/[^a-z]/g, ''),
    );
    if (number === undefined) return `nobody here knows whether ${JSON.stringify(String(word).slice(0, 30))} is 1 or 0`;
    numbered.push([String(word), number]);
  }
  return Object.fromEntries(numbered);
};

const DEV_STATUS: Readonly<Record<string, Absence>> = { '255': 'missing', '0': 'not-fitted' };

/** Whether a key may be that quantity, in which unit and how surely; a text says why it is not. */
export const evaluate = (words: Words, about: Circumstances): Fit | string => {
  const { quantity, at = 'sure' } = words;
  const { numbers, text, suffix, others } = numbersOf(about.seen);
  const { kind, min, max } = quantityOf(quantity);
  const states = others.length > 0 && kind === 'state' ? stateOf(others) : undefined;
  if (typeof states === 'string') return states;
  if (others.length > 0 && states === undefined)
    return numbers.length > 0 ? 'it is a number in some messages and something else in others' : 'it is no number';
  // What stands behind a number in a text is its unit: `1700 mm`.
  const choice = chooseUnit(words, { ...about, spoken: about.seen.unit ?? suffix?.trim() }, numbers);
  if (typeof choice === 'string') return choice;
  let confidence = lower(choice.confidence, at);
  let { reason } = choice;
  const unknown = about.leftovers.length;
  if (unknown > 0) {
    confidence = lower(confidence, unknown > 1 ? 'guess' : 'likely');
    reason += `; \`${about.leftovers.join(' ')}\` in its name is not understood`;
  }
  const { scale, offset } = conversionTo(quantity, choice.unit);
  const beyond = numbers.find((number) => number * scale + offset < min || number * scale + offset > max);
  if (beyond !== undefined) {
    confidence = 'guess';
    reason += `; ${beyond} is beyond what ${quantity} can be`;
  }
  return {
    quantity,
    unit: choice.unit,
    confidence,
    reason,
    leftovers: unknown,
    ...(choice.unit === '{/254}' ? { absentAt: DEV_STATUS } : {}),
    ...(states === undefined ? {} : { words: states }),
    ...(text ? { numericText: true } : {}),
    ...(suffix === undefined ? {} : { suffix }),
  };
};
