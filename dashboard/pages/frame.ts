import type { Identity } from '../../infra/http/auth.ts';
import type { Assets } from '../build.ts';
import { sightOf } from '../sight.ts';
import type { Theme } from '../theme/theme.ts';
import { langOf, missingIn, wordsIn, type Language } from '../words/index.ts';
import { chartKeys, liveKeys, sayings, scriptWords } from './language.ts';
import { when } from './models.ts';
import { navigationOf } from './navigation.ts';
import type { Page, PageParts } from './page.ts';

/** What the layout prints around a page, and which files it loads. */
export const frameOf = (
  { title, section, live, forms = false, wide = false, scripts = [], charts = false, asOf = 0, inEveryLanguage }: Page,
  path: string,
  {
    parts,
    assets,
    theme,
    who,
    language,
  }: {
    readonly parts: PageParts;
    readonly assets: Assets;
    readonly theme: Theme;
    readonly who: Identity;
    readonly language: Language;
  },
) => {
  const sight = sightOf(who, parts.config.dashboard.open);
  const at = parts.clock.now();
  const words = wordsIn(language);
  return {
    ...sayings(words),
    // What code puts together is in English as long as any words are missing.
    mainLang:
      language === 'en' || (inEveryLanguage === true && missingIn(language).length === 0) ? undefined : langOf.en,
    scriptWords: scriptWords(words, liveKeys),
    chartWords: charts ? scriptWords(words, chartKeys) : '',
    theme,
    title,
    section,
    name: parts.config.dashboard.name,
    live: live !== undefined && sight !== 'nothing',
    nav: navigationOf({ section, path, sight, who, words }),
    sites: live?.sites?.join(',') ?? '',
    everything: sight === 'everything',
    asOf: Math.floor(asOf),
    path,
    // Pages that are in no section are those of links, whose address is a secret.
    address: section === undefined ? '' : path,
    files: assets.files,
    forms,
    wide,
    scripts: scripts.map((name) => assets.files[name]),
    charts,
    at: when(at, at, words),
  };
};
