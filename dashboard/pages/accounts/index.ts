import { openPasswords } from '../../../infra/accounts/password.ts';
import { openElsewhere } from '../../accounts/elsewhere.ts';
import { signInSettings } from '../../accounts/settings.ts';
import { openSignIn } from '../../accounts/sign-in.ts';
import type { Desk } from '../desk.ts';
import type { PageParts } from '../page.ts';
import { auditPages } from './audit.ts';
import { elsewherePages } from './elsewhere.ts';
import { joinPages } from './join.ts';
import { keyPages } from './keys.ts';
import { ownPages } from './own.ts';
import type { AccountParts } from './parts.ts';
import { peoplePages } from './people.ts';
import { publishPages } from './publish.ts';
import { secondFactorPages } from './second-factor.ts';
import { signInPages } from './sign-in.ts';

/** Signing in, one's own account, and what administrators and engineers look after. */
export const openAccountPages = (
  desk: Desk,
  parts: Pick<PageParts, 'registry' | 'config' | 'clock' | 'log' | 'metrics'>,
): void => {
  const { registry, config, clock, log, metrics } = parts;
  const settings = signInSettings(config);
  const passwords = openPasswords();
  const signIn = openSignIn({ registry, passwords, clock, log, metrics, settings });
  const whole: AccountParts = {
    registry,
    config,
    clock,
    log,
    metrics,
    passwords,
    settings,
    signIn,
    elsewhere: openElsewhere({ config, registry, clock, log }),
  };
  for (const open of [
    signInPages,
    joinPages,
    ownPages,
    secondFactorPages,
    elsewherePages,
    peoplePages,
    keyPages,
    auditPages,
    publishPages,
  ])
    open(desk, whole);
  desk.get('/manage', 'manage', ({ who }) => ({
    page: {
      template: 'accounts/manage',
      title: 'Manage',
      section: 'manage',
      content: { administers: who.scopes.includes('administer') },
    },
  }));
};
