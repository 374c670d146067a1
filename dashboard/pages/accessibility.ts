import { wordsIn } from '../words/index.ts';
import type { PageMaker } from './page.ts';

/** The statement that the Public Sector Bodies Accessibility Regulations 2018 ask for. */
export const accessibilityPage: PageMaker = ({ language }) => ({
  template: 'accessibility',
  title: wordsIn(language).say('site.accessibility'),
  inEveryLanguage: true,
  content: {},
});
