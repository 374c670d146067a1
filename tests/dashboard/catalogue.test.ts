import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keys } from '../../dashboard/words/index.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const views = 'dashboard/pages/views';

/** Templates of staff's tools, which are in English; all others are converted. */
const inEnglish = [
  'devices',
  'explain',
  'gateway',
  'gateways',
  'engineers/*',
  'rules/*',
  'accounts/{account,audit,join,key-made,keys,link,manage,people,person,publish,recovery-codes,second-factor}',
];
const english = new Set(
  globSync(
    inEnglish.map((name) => `${views}/${name}.njk`),
    { cwd: root },
  ),
);
const converted = globSync(`${views}/**/*.njk`, { cwd: root })
  .filter((path) => !english.has(path))
  .toSorted();

/** What of a template would be printed as it stands: without comments, tags and what is put in; attributes that are read out stay. */
const plainText = (template: string): string => {
  const bare = template
    .replaceAll(/\{#[\s\S]*?#\}/g, '')
    .replaceAll(/<code>[\s\S]*?<\/code>/g, '')
    .replaceAll(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, '\u0000');
  const readOut = [...bare.matchAll(/\s(?:aria-label|title|alt|placeholder)="([^"]*)"/g)].map(([, text = '']) => text);
  return [bare.replaceAll(/<[^>]*>/g, ' '), ...readOut].join(' ');
};
/** Words that are given to a macro, such as `text: "Search"`, and those that are chosen between, such as `"Site" if one`. */
const givenWords = (template: string): readonly string[] =>
  [...template.replaceAll(/\{#[\s\S]*?#\}/g, '').matchAll(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g)].flatMap(([whole]) => [
    ...[
      ...whole.matchAll(/\b(?:text|titleText|labelText|landmarkLabel|navigationLabel|visuallyHiddenText): *"([^"]*)"/g),
    ].map(([, text = '']) => text),
    ...[...whole.matchAll(/"([A-Z][^"]*)"/g)]
      .map(([, text = '']) => text)
      .filter((text) => !/^(GET |POST )/.test(text)),
  ]);

/** English that a converted template says by itself. */
const leftIn = (template: string): readonly string[] => [
  ...(plainText(template).match(/\p{L}{2,}/gu) ?? []),
  ...givenWords(template),
];

describe('a converted template', () => {
  test('has no words of its own', () => {
    expect(converted.length).toBeGreaterThan(15);
    expect(english.size).toBeGreaterThan(30);
    expect(converted.map((path) => ({ path, left: leftIn(read(path)) })).filter(({ left }) => left.length > 0)).toEqual(
      [],
    );
  });

  test.each([
    ['<h2>Newest values</h2>', ['Newest', 'values']],
    ['<nav aria-label="Time shown"></nav>', ['Time', 'shown']],
    ['{{ govukButton({ text: "Search" }) }}', ['Search', 'Search']],
    ['<p>{{ "Site" if one else frame.t("search.sites") }}</p>', ['Site']],
    ['{% if one %}{{ frame.t("compare.one") }}{% else %}Sites{% endif %}', ['Sites']],
    [
      '{# Words. #}<p class="govuk-body" id="none">{{ frame.t("front.nothing") }} <code>npx kerbside</code>, {{ name }}</p>',
      [],
    ],
  ])('in which stands %s is seen', (template, left) => {
    expect(leftIn(template)).toEqual(left);
  });
});

const templates = globSync(`${views}/**/*.njk`, { cwd: root });
const sources = globSync(['dashboard/**/*.ts', 'commands/**/*.ts'], { cwd: root }).filter(
  (path) => !path.startsWith('dashboard/words/'),
);
const keysOfTemplate = (template: string): readonly string[] =>
  [...template.matchAll(/\b(?:t|say)\("([a-z][^"]*)"|\blink\([^()]*?, "([a-z-]+\.[^"]*)"/g)].map(
    ([, said, linked]) => said ?? linked ?? '',
  );

/** Keys, and beginnings of keys that end in a value, that stand in some text. */
const usedBy = (
  texts: readonly string[],
): { readonly whole: ReadonlySet<string>; readonly begun: readonly string[] } => {
  const all = texts.join('\n');
  return {
    whole: new Set([...all.matchAll(/['"`]([a-z][a-z-]*\.[a-z0-9_-]+)['"`]/g)].map(([, key = '']) => key)),
    begun: [...new Set([...all.matchAll(/`([a-z][a-z-]*\.[a-z0-9_-]*)\$\{/g)].map(([, begin = '']) => begin))],
  };
};

describe('the keys of the catalogue', () => {
  const known = new Set<string>(keys);

  test('that templates say are all there', () => {
    const said = templates.flatMap((path) => keysOfTemplate(read(path)).map((key) => ({ path, key })));
    expect(said.length).toBeGreaterThan(250);
    expect(said.filter(({ key }) => !known.has(key))).toEqual([]);
    expect(
      keysOfTemplate('{{ frame.t("place.gone") }}{{ link("/", "error.gone") }}').filter((key) => !known.has(key)),
    ).toEqual(['place.gone', 'error.gone']);
  });

  test('are all said somewhere', () => {
    const { whole, begun } = usedBy([...templates, ...sources].map(read));
    const unsaid = (all: readonly string[]): readonly string[] =>
      all.filter((key) => !whole.has(key) && !begun.some((begin) => key.startsWith(begin)));
    expect(keys.length).toBeGreaterThan(500);
    expect(unsaid(keys)).toEqual([]);
    expect(unsaid(['place.gone'])).toEqual(['place.gone']);
  });

  test('stand for words that are no HTML', () => {
    const written = globSync('dashboard/words/**/*.ts', { cwd: root }).flatMap((path) =>
      [...read(path).matchAll(/: (?:'([^'\n]*)'|"([^"\n]*)"),$/gm)].map(([, one, other]) => one ?? other ?? ''),
    );
    expect(written.length).toBeGreaterThan(500);
    expect(written.filter((text) => /[<>&]/.test(text))).toEqual([]);
  });
});
