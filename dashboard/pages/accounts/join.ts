import { NotFound } from '../../../device-profiles/vocabulary/index.ts';
import { checkedEmail } from '../../../infra/accounts/email.ts';
import { checkPassword, PASSWORD_AT_LEAST } from '../../../infra/accounts/password-rules.ts';
import type { OpenLink } from '../../../infra/registry/contract.ts';
import type { Desk, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { again, carry, fresh, refusedAt, seatOf, type AccountParts, type FieldError } from './parts.ts';
import { onwards } from './sign-in.ts';

const titles = {
  first: 'Make the first administrator',
  invitation: 'Accept your invitation',
  reset: 'Choose a new password',
} as const;

const joinPage = (
  link: OpenLink,
  token: string,
  { name, email }: { readonly name: string; readonly email: string },
): Page => ({
  template: 'accounts/join',
  title: titles[link.purpose],
  content: { token, purpose: link.purpose, name, email, role: link.account?.role, atLeast: PASSWORD_AT_LEAST },
});

/**
 * What a link leads to: the first administrator, an invitation, a new password. Opening it uses nothing up, so that a
 * mail scanner which follows each link does no harm; sending the form does.
 */
export const joinPages = (desk: Desk, { registry, passwords, settings, signIn }: AccountParts): void => {
  const linkOf = (visit: Visit): OpenLink => {
    const link = registry.link(visit.param('token'));
    if (link === undefined)
      throw new NotFound(
        'link-unknown',
        'This link was used already, is too old, or was never given: ask for a new one',
      );
    return link;
  };
  desk.get('/join/:token', 'anybody', (visit) => {
    const link = linkOf(visit);
    const name = link.account === undefined || link.account.name === link.account.email ? '' : link.account.name;
    return fresh(joinPage(link, visit.param('token'), { name, email: link.account?.email ?? '' }));
  });
  desk.post('/join/:token', 'anybody', async (visit) => {
    const token = visit.param('token');
    const link = linkOf(visit);
    const name = (link.purpose === 'reset' ? (link.account?.name ?? '') : visit.field('name')).trim();
    const email = link.account?.email ?? visit.field('email');
    const password = visit.field('password');
    const errors: FieldError[] = [];
    if (name === '') errors.push({ field: 'name', text: 'Enter your name' });
    // Now, and not only when all else is right, so that everything that is wrong is said at once.
    if (link.account === undefined && email.trim() === '')
      errors.push({ field: 'email', text: 'Enter your e-mail address' });
    else if (link.account === undefined)
      try {
        checkedEmail(email);
      } catch (error) {
        errors.push(refusedAt('email', error));
      }
    try {
      checkPassword(password, { name, email, service: settings.service });
    } catch (error) {
      errors.push(refusedAt('password', error));
    }
    if (errors.length === 0 && password !== visit.field('repeated'))
      errors.push({ field: 'repeated', text: 'The two passwords differ' });
    const page = joinPage(link, token, { name: name.slice(0, 120), email: email.slice(0, 254) });
    if (errors.length > 0) return again(page, errors);
    const hash = await passwords.hash(password);
    try {
      const account = await registry.joinByLink(token, { name, email, hash });
      const begun = await signIn.admit(account, seatOf(visit));
      carry(visit, begun.token);
      return { to: onwards(begun.session, link.purpose === 'first' ? '/account' : '/') };
    } catch (error) {
      return again(page, [refusedAt(link.purpose === 'first' ? 'email' : 'name', error)]);
    }
  });
};
