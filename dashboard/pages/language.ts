import type { FastifyReply, FastifyRequest } from 'fastify';
import nunjucks from 'nunjucks';
import type { Config } from '../../infra/config/schema.ts';
import { cookieOf, setCookie } from '../../infra/http/cookies.ts';
import { ownPath } from '../accounts/own-path.ts';
import type { Key } from '../words/english.ts';
import { langOf, languageNamed, wordsIn, type Language, type Values, type Words } from '../words/index.ts';
import { textIn } from './desk.ts';

const YEAR_S = 365 * 86_400;

/** The languages that are offered, the usual one first. */
const offered = ({ dashboard }: Pick<Config, 'dashboard'>): readonly Language[] =>
  dashboard.languages
    .split(',')
    .map(languageNamed)
    .filter((language) => language !== undefined);

/** In which language somebody reads: as the address says (`?lang=cy`), else as he chose before, else the usual one. */
export const languageOf = (request: FastifyRequest, config: Pick<Config, 'dashboard'>): Language =>
  languageNamed(textIn(request.query, 'lang')) ??
  languageNamed(cookieOf(request, 'language')) ??
  offered(config)[0] ??
  'en';

/** Keeps for a year what somebody chose by the address. */
export const keepLanguage = (request: FastifyRequest, reply: FastifyReply): void => {
  const chosen = languageNamed(textIn(request.query, 'lang'));
  if (chosen !== undefined && chosen !== languageNamed(cookieOf(request, 'language')))
    setCookie({ request, reply }, 'language', { value: chosen, seconds: YEAR_S });
};

/** The same page in the other languages that are offered, as links; a form that was sent is not sent again. */
export const otherLanguages = (request: FastifyRequest, config: Pick<Config, 'dashboard'>) => {
  const present = languageOf(request, config);
  const path = request.method === 'GET' ? ownPath(request.url) : '/';
  return offered(config)
    .filter((language) => language !== present)
    .map((language) => {
      const url = new URL(path, 'http://here');
      url.searchParams.set('lang', language);
      return {
        href: `${url.pathname}${url.search}`,
        lang: langOf[language],
        name: wordsIn(language).say('site.language'),
      };
    });
};

/** What the script of live pages says, for it to take along. */
export const liveKeys = [
  'live.connecting',
  'live.live',
  'live.updated',
  'live.polled',
  'live.cut',
  'live.pause',
  'live.resume',
  'live.paused',
  'live.waiting',
] as const satisfies readonly Key[];

/** What the script of charts says. */
export const chartKeys = [
  'plot.open',
  'plot.close',
  'plot.at',
  'plot.how',
  'plot.no-value',
  'plot.by-time',
  'value.absent',
  'value.yes',
  'value.no',
] as const satisfies readonly Key[];

/** What templates say words with: `say` where plain text is wanted, such as in an attribute; `t` says of which language they are. */
export const sayings = (words: Words) => ({
  lang: langOf[words.language],
  say: (key: Key, values?: Values): string => words.say(key, values),
  t: (key: Key, values?: HtmlValues) => new nunjucks.runtime.SafeString(marked(words, key, values)),
});

/** Values for words as HTML, as templates give them: what a macro made is HTML already, a text is escaped. */
type HtmlValues = Readonly<Record<string, unknown>>;

/**
 * Words as HTML; those of the catalogue have no sign that HTML knows. In another language than English they say which they
 * are of: what stands around them may be marked as English, and what is missing in that language is English itself.
 */
export const marked = (words: Words, key: Key, values: HtmlValues = {}): string => {
  const html = words.say(key, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inHtml(value)])));
  return words.language === 'en' ? html : `<span lang="${words.langOf(key)}">${html}</span>`;
};

const inHtml = (value: unknown): string | number => {
  if (typeof value === 'number') return value;
  if (value instanceof nunjucks.runtime.SafeString) return value.toString();
  return typeof value === 'string' ? value.replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`) : '';
};

/** The words of a script as JSON, each a text or its plural forms, in one language. */
export const scriptWords = (words: Words, keys: readonly Key[]): string =>
  JSON.stringify(Object.fromEntries(keys.map((key) => [key, words.entry(key)])));
