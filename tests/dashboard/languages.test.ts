import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sentence } from '../../dashboard/now/sentence.ts';
import { marked } from '../../dashboard/pages/language.ts';
import { englishWords, keys, missingIn, wordsIn } from '../../dashboard/words/index.ts';
import { openHouse, type House } from './house.ts';

/** What is still said in English to those who read Welsh. A key that is added without Welsh words is written there, one that gets them is taken out. */
const withoutWelsh = readFileSync(join(import.meta.dirname, 'without-welsh.txt'), 'utf8')
  .trim()
  .split('\n');
const welsh = wordsIn('cy');
const placeholders = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{\w+\}/g)].map(([name]) => name))].toSorted();

describe('the words', () => {
  test('that are missing in Welsh are those that are said to be', () => {
    expect(missingIn('cy')).toEqual(withoutWelsh);
    expect(keys.length - withoutWelsh.length).toBeGreaterThan(60);
    expect(missingIn('en')).toEqual([]);
  });

  test('of both languages have the same places for values', () => {
    const both = keys.filter((key) => welsh.has(key));
    expect(both.length).toBeGreaterThan(20);
    for (const key of both) {
      const forms = (entry: string | object): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
      const wanted = placeholders(forms(englishWords.entry(key)).join(' '));
      for (const form of forms(welsh.entry(key)))
        expect({ key, has: placeholders(form) }).toEqual({ key, has: wanted });
    }
  });

  test('that are missing are English, and are marked as English', () => {
    expect(welsh.say('state.silent')).toBe('Silent');
    expect(marked(welsh, 'state.silent')).toBe('<span lang="en-GB">Silent</span>');
    expect(marked(welsh, 'state.late')).toBe('<span lang="cy">Hwyr</span>');
    expect(marked(englishWords, 'state.silent')).toBe('Silent');
  });

  test('with values from outside are escaped, and only values of that name are put in', () => {
    expect(marked(englishWords, 'live.paused', { time: '<b>{count}' })).toBe('Paused at &#60;b&#62;{count}');
    expect(englishWords.say('live.paused', {})).toBe('Paused at {time}');
  });

  test.each([
    [0, '41 o 44 synhwyrydd yn adrodd, dim rhybuddion'],
    [1, '41 o 44 synhwyrydd yn adrodd, 1 rhybudd'],
    [2, '41 o 44 synhwyrydd yn adrodd, 2 rybudd'],
    [6, '41 o 44 synhwyrydd yn adrodd, 6 rhybudd'],
  ])('say %d alerts in Welsh', (alerts, words) => {
    expect(sentence({ sensors: 44, reporting: 41, alerts }, welsh)).toBe(words);
  });
});

describe('the pages', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ env: { KERBSIDE_DASHBOARD_LANGUAGES: 'en,cy' } });
    await house.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical' });
  });
  afterAll(() => house.close());
  const page = async (path: string, cookie = ''): Promise<{ text: string; kept: string | null }> => {
    const answer = await fetch(`${house.url}${path}`, { headers: { accept: 'text/html', cookie } });
    return { text: await answer.text(), kept: answer.headers.get('set-cookie') };
  };

  test('are English unless somebody asks, and offer the other language', async () => {
    const { text, kept } = await page('/alerts');
    expect(text).toContain('<html lang="en-GB"');
    expect(text).toContain('<a class="kb-who__link" href="/alerts?lang=cy" lang="cy" hreflang="cy">Cymraeg</a>');
    expect(kept ?? '').not.toContain('language');
  });

  test('are Welsh as the address says, which is kept; what is not in Welsh is marked', async () => {
    const { text, kept } = await page('/?lang=cy');
    expect(text).toContain('<html lang="cy"');
    expect(text).toContain('Rhybuddion');
    expect(text).toContain('<span lang="en-GB">Gateways</span>');
    expect(text).toMatch(/<h1[^>]* lang="cy">0 o 1 synhwyrydd yn adrodd, dim rhybuddion</);
    expect(text).toMatch(/<div class="govuk-width-container" lang="en-GB">\s*<main/);
    expect(text).toContain('Mewngofnodi');
    expect(kept).toMatch(/^kerbside-language=cy; Path=\/; HttpOnly; SameSite=Lax; Max-Age=31536000$/);
    expect((await page('/alerts', 'kerbside-language=cy')).text).toContain('<html lang="cy"');
    expect((await page('/alerts?lang=en', 'kerbside-language=cy')).text).toContain('<html lang="en-GB"');
    expect((await page('/sign-in', 'kerbside-language=cy')).text).toContain('<html lang="cy"');
    expect((await page('/nothing-here', 'kerbside-language=cy')).text).toContain('<html lang="cy"');
  });

  test.each([
    ['/alerts', /<h1[^>]*><span lang="cy">Rhybuddion</],
    ['/accessibility', /<h1[^>]*><span lang="cy">Datganiad hygyrchedd</],
    [
      '/accessibility',
      /<span lang="en-GB">The <a class="govuk-link" href="\/api\/docs"><span lang="en-GB">API reference</,
    ],
    ['/sign-in', /<span lang="cy">Cyfrinair</],
    ['/map', /<span lang="cy">Cyflwr</],
    ['/devices/aq-1', /<span lang="cy">Synhwyrydd</],
    ['/nothing-here', /<span lang="en-GB">If you typed the address/],
  ])('say of each word which language it is of (%s)', async (path, words) => {
    const { text } = await page(path, 'kerbside-language=cy');
    expect(text).toMatch(words);
    expect(text).toMatch(/<div class="govuk-width-container" lang="en-GB">/);
  });

  test.each(['/?lang=tlh', '/?lang=__proto__', '/?lang=cy&lang=en', '/?lang='])(
    'with a language that there is not (%s) are in the usual one',
    async (path) => {
      const { text, kept } = await page(path, 'kerbside-language=%22%3E');
      expect(text).toContain('<html lang="en-GB"');
      expect(kept ?? '').not.toContain('language');
    },
  );

  test('are Welsh without being asked where the configuration says so', async () => {
    const other = await openHouse({ env: { KERBSIDE_DASHBOARD_LANGUAGES: 'cy,en' } });
    const answer = await fetch(other.url, { headers: { accept: 'text/html' } });
    const text = await answer.text();
    expect(text).toContain('<html lang="cy"');
    expect(text).toContain('Nid oes synwyryddion wedi&#39;u cofrestru eto');
    expect(text).toContain('lang="en-GB" hreflang="en-GB">English</a>');
    await other.close();
  });
});
