import { NotFound } from '../../../device-profiles/vocabulary/index.ts';
import type { Elsewheres } from '../../accounts/elsewhere.ts';
import { ownPath } from '../../accounts/own-path.ts';
import type { Desk } from '../desk.ts';
import { wordsIn } from '../../words/index.ts';
import { languageOf } from '../language.ts';
import { again, carry, seatOf, type AccountParts } from './parts.ts';
import { onwards, signInPage } from './sign-in.ts';

/** Signing in by another service: there, and back. */
export const elsewherePages = (desk: Desk, parts: AccountParts): void => {
  const there = (): Elsewheres => {
    if (parts.elsewhere === undefined)
      throw new NotFound('route-unknown', 'Signing in by another service is not configured here');
    return parts.elsewhere;
  };
  desk.get('/sign-in/elsewhere', 'anybody', async (visit) => ({
    to: await there().begin(visit, ownPath(visit.query('back'))),
  }));
  desk.get('/sign-in/elsewhere/back', 'anybody', async (visit) => {
    const come = await there().finish(visit);
    parts.metrics.signIns.inc({ by: 'elsewhere', outcome: 'refused' in come ? 'wrong' : 'right' });
    if ('refused' in come) {
      const words = wordsIn(languageOf(visit.request, parts.config));
      const text = come.detail ?? words.say(`elsewhere.${come.refused}`, { service: parts.config.oidc.name });
      return again(
        signInPage(parts, { email: '', back: '/' }, words),
        [{ field: 'email', text: text.charAt(0).toUpperCase() + text.slice(1) }],
        { words, status: 403 },
      );
    }
    const begun = await parts.signIn.admit(come.account, seatOf(visit));
    carry(visit, begun.token);
    return { to: onwards(begun.session, come.back) };
  });
};
