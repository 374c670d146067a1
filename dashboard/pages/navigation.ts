import type { Identity } from '../../infra/http/auth.ts';
import type { Sight } from '../sight.ts';
import type { Words } from '../words/index.ts';
import { marked } from './language.ts';
import type { Page } from './page.ts';

/** The entries of the navigation that somebody has a use for, as the service navigation of GOV.UK takes them. */
export const navigationOf = ({
  section,
  path,
  sight,
  who,
  words,
}: {
  readonly section: Page['section'];
  readonly path: string;
  readonly sight: Sight;
  readonly who: Identity;
  readonly words: Words;
}) => {
  const everything = [
    { href: '/devices', html: marked(words, 'nav.sensors'), active: section === 'sensors' },
    { href: '/gateways', html: marked(words, 'nav.gateways'), active: section === 'gateways' },
  ];
  const engineer = {
    href: '/engineer',
    html: marked(words, 'nav.engineers'),
    current: path === '/engineer',
    active: section === 'engineer',
  };
  const manage = {
    href: '/manage',
    html: marked(words, 'nav.manage'),
    current: path === '/manage',
    active: section === 'manage',
  };
  return [
    {
      href: '/',
      html: marked(words, 'nav.now'),
      current: section === 'now' && path === '/',
      active: section === 'now',
    },
    { href: '/map', html: marked(words, 'nav.map'), active: section === 'map' },
    { href: '/compare', html: marked(words, 'nav.compare'), active: section === 'compare' },
    { href: '/alerts', html: marked(words, 'nav.alerts'), active: section === 'alerts' },
    ...(sight === 'everything' ? everything : []),
    { href: '/api/docs', html: marked(words, 'nav.data') },
    ...(who.kind === 'person' && who.scopes.includes('manage') ? [engineer, manage] : []),
  ];
};
