import type { PageMaker } from './page.ts';

/** The statement that the Public Sector Bodies Accessibility Regulations 2018 ask for. */
export const accessibilityPage: PageMaker = () => ({
  template: 'accessibility',
  title: 'Accessibility statement',
  content: {},
});
