import { NotFound } from '../../../device-profiles/vocabulary/index.ts';
import type { Elsewheres, Refusal } from '../../accounts/elsewhere.ts';
import { ownPath } from '../../accounts/own-path.ts';
import type { Desk } from '../desk.ts';
import { again, carry, seatOf, type AccountParts } from './parts.ts';
import { onwards, signInPage } from './sign-in.ts';

const refusalWords = (name: string): Readonly<Record<Refusal, string>> => ({
  'not-begun-here': 'That sign-in was not begun here, or took too long. Begin again',
  'refused-there': `${name} did not sign you in`,
  'answer-invalid': `What ${name} answered could not be believed. Begin again, and tell an administrator if it stays like this`,
  'claims-missing': `${name} did not say who you are: it must give an e-mail address`,
  'no-role': `${name} knows you, but you have no role here. Ask an administrator for one`,
  'account-refused': `${name} knows you, but your account here cannot be used`,
});

/** Signing in by another service: there, and back. */
export const elsewherePages = (desk: Desk, parts: AccountParts): void => {
  const there = (): Elsewheres => {
    if (parts.elsewhere === undefined) throw new NotFound('route-unknown', 'Signing in by another service is not configured here');
    return parts.elsewhere;
  };
  desk.get('/sign-in/elsewhere', 'anybody', async (visit) => ({ to: await there().begin(visit, ownPath(visit.query('back'))) }));
  desk.get('/sign-in/elsewhere/back', 'anybody', async (visit) => {
    const come = await there().finish(visit);
    parts.metrics.signIns.inc({ by: 'elsewhere', outcome: 'refused' in come ? 'wrong' : 'right' });
    if ('refused' in come) {
      const text = come.detail ?? refusalWords(parts.config.oidc.name)[come.refused];
      return again(signInPage(parts, { email: '', back: '/' }), [{ field: 'email', text: text.charAt(0).toUpperCase() + text.slice(1) }], { status: 403 });
    }
    const begun = await parts.signIn.admit(come.account, seatOf(visit));
    carry(visit, begun.token);
    return { to: onwards(begun.session, come.back) };
  });
};
