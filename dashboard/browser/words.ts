/** The words that the server put into the page for its script, in the language of the page: each a text or its plural forms. */
type Entry = string | Readonly<Record<string, string>>;
export type Say = (key: string, values?: Readonly<Record<string, string | number>>) => string;

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'string' ||
  (typeof value === 'object' && value !== null && Object.values(value).every((form) => typeof form === 'string'));

/** @param json as `data-words` has it; without it, and for a key that is not there, nothing is said. */
export const wordsFrom = (json: string | undefined, lang: string): Say => {
  const parsed: unknown = JSON.parse(json ?? '{}');
  const entries = new Map(
    typeof parsed === 'object' && parsed !== null
      ? Object.entries(parsed).filter((pair): pair is [string, Entry] => isEntry(pair[1]))
      : [],
  );
  const plurals = new Intl.PluralRules(lang);
  return (key, values = {}) => {
    const entry = entries.get(key) ?? '';
    const form =
      typeof entry === 'string' ? entry : (entry[plurals.select(Number(values['count'] ?? 0))] ?? entry['other'] ?? '');
    return form.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
};
