/** What stands for a key: the words, or a form of them for each plural category of the language (by `count`). */
export type Entry = string | (Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string });

/** Words by their keys. */
export type Entries = Readonly<Record<string, Entry>>;
