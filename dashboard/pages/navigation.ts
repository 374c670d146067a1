import type { Identity } from '../../infra/http/auth.ts';
import type { Sight } from '../sight.ts';
import type { Page } from './page.ts';

/** The entries of the navigation that somebody has a use for, as the service navigation of GOV.UK takes them. */
export const navigationOf = ({
  section,
  path,
  sight,
  who,
}: {
  readonly section: Page['section'];
  readonly path: string;
  readonly sight: Sight;
  readonly who: Identity;
}) => {
  const everything = [
    { href: '/devices', text: 'Sensors', active: section === 'sensors' },
    { href: '/gateways', text: 'Gateways', active: section === 'gateways' },
  ];
  const engineer = { href: '/engineer', text: 'Engineers', current: path === '/engineer', active: section === 'engineer' };
  const manage = { href: '/manage', text: 'Manage', current: path === '/manage', active: section === 'manage' };
  return [
    { href: '/', text: 'Now', current: section === 'now' && path === '/', active: section === 'now' },
    { href: '/map', text: 'Map', active: section === 'map' },
    { href: '/compare', text: 'Compare', active: section === 'compare' },
    { href: '/alerts', text: 'Alerts', active: section === 'alerts' },
    ...(sight === 'everything' ? everything : []),
    { href: '/api/docs', text: 'Data (API)' },
    ...(who.kind === 'person' && who.scopes.includes('manage') ? [engineer, manage] : []),
  ];
};
