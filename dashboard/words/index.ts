import { english, type Key } from './english.ts';
import type { Entry } from './entry.ts';
import { welsh } from './welsh.ts';

/** The languages that pages can be read in. */
export const languages = ['en', 'cy'] as const;
export type Language = (typeof languages)[number];

/** As the `lang` attribute says it. */
export const langOf: Readonly<Record<Language, string>> = { en: 'en-GB', cy: 'cy' };

const catalogues: Readonly<Record<Language, Readonly<Partial<Record<Key, Entry>>>>> = { en: english, cy: welsh };
const plurals: Readonly<Record<Language, Intl.PluralRules>> = {
  en: new Intl.PluralRules('en-GB'),
  cy: new Intl.PluralRules('cy'),
};

/** Values by the name that stands for them in the words; `count` also chooses the plural form. */
export type Values = Readonly<Record<string, string | number>>;

/** The words of one language. */
export interface Words {
  readonly language: Language;
  /** Whether it has words of its own for the key; where not, they are said in English. */
  has(key: Key): boolean;
  /** The words in plain text, in this language or else in English. Numbers are written as people write them. */
  say(key: Key, values?: Values): string;
  /** The words as they stand in the catalogue, for a script that fills them itself. */
  entry(key: Key): Entry;
  /** The `lang` attribute of what `say` answers. */
  langOf(key: Key): string;
}

const wordsOf = (language: Language): Words => {
  const catalogue = catalogues[language];
  const has = (key: Key): boolean => catalogue[key] !== undefined;
  return {
    language,
    has,
    say: (key, values = {}) =>
      filled(formOf(catalogue[key] ?? english[key], has(key) ? language : 'en', values['count']), values),
    entry: (key) => catalogue[key] ?? english[key],
    langOf: (key) => langOf[has(key) ? language : 'en'],
  };
};

const formOf = (entry: Entry, language: Language, count: string | number | undefined): string => {
  if (typeof entry === 'string') return entry;
  return typeof count === 'number' ? (entry[plurals[language].select(count)] ?? entry.other) : entry.other;
};

const filled = (text: string, values: Values): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return whole;
    return typeof value === 'number' ? value.toLocaleString('en-GB') : value;
  });

const all: Readonly<Record<Language, Words>> = { en: wordsOf('en'), cy: wordsOf('cy') };

/** The words of a language. */
export const wordsIn = (language: Language): Words => all[language];
/** What is said where nobody asked for a language: the API, the command line. */
export const englishWords: Words = all.en;

/** The language of that name, as an address or a cookie says it; undefined of any other. */
export const languageNamed = (name: string | undefined): Language | undefined =>
  languages.find((language) => language === name);

/** The keys for which a language has no words of its own. */
export const missingIn = (language: Language): readonly Key[] => keys.filter((key) => !wordsIn(language).has(key));

const isKey = (name: string): name is Key => Object.hasOwn(english, name);
/** Every key there is. */
export const keys: readonly Key[] = Object.keys(english).filter(isKey);
