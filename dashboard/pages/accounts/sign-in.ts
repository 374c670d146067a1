import { cookieOf, setCookie } from '../../../infra/http/cookies.ts';
import type { Session } from '../../../infra/registry/contract.ts';
import { ownPath } from '../../accounts/own-path.ts';
import type { Attempt } from '../../accounts/sign-in.ts';
import { wordsIn, type Words } from '../../words/index.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { languageOf } from '../language.ts';
import { again, carry, fresh, seatOf, waitWords, type AccountParts } from './parts.ts';

const withBack = (path: string, back: string): string =>
  back === '/' ? path : `${path}?back=${encodeURIComponent(back)}`;

/** Where a sign-in goes on: to the code, to setting up a second factor, or to where one wanted to go. */
export const onwards = (session: Session, back: string): string => {
  switch (session.stage) {
    case 'code':
      return withBack('/sign-in/code', back);
    case 'enrol':
      return withBack('/sign-in/second-factor', back);
    case 'full':
      return back;
  }
};

/** A session that waits for a second step, in the browser that began it. */
export const stepOf = (
  { registry }: AccountParts,
  { request }: Visit,
  stage: Session['stage'],
): { readonly token: string; readonly session: Session } | undefined => {
  const token = cookieOf(request, 'session');
  const session = token === undefined ? undefined : registry.session(token, true);
  return token !== undefined && session?.stage === stage ? { token, session } : undefined;
};

/** The page to sign in on. */
export const signInPage = (
  { elsewhere, config, registry }: AccountParts,
  { email, back }: { readonly email: string; readonly back: string },
  words: Words,
): Page => ({
  template: 'accounts/sign-in',
  title: words.say('site.sign-in'),
  inEveryLanguage: true,
  content: {
    email,
    back,
    elsewhere:
      elsewhere === undefined ? undefined : { name: config.oidc.name, href: withBack('/sign-in/elsewhere', back) },
    nobody: !registry.hasAdministrator(),
  },
});

const codePage = (back: string, words: Words): Page => ({
  template: 'accounts/code',
  title: words.say('sign-in.code-heading'),
  inEveryLanguage: true,
  content: { back },
});

/** Somebody who has to wait: the same words whether there is such an account or not. */
const tooMany = (page: Page, { field, ms }: { readonly field: string; readonly ms: number }, words: Words): Shown =>
  again(page, [{ field, text: words.say('sign-in.too-many', { length: waitWords(ms, words) }) }], {
    words,
    status: 429,
    retryAfterS: Math.ceil(ms / 1000),
  });

const goOn = (visit: Visit, attempt: Extract<Attempt, { readonly is: 'next' }>, back: string): Shown => {
  carry(visit, attempt.token);
  return { to: onwards(attempt.session, back) };
};

/** Signing in and out. */
export const signInPages = (desk: Desk, parts: AccountParts): void => {
  const { registry, signIn } = parts;
  const wordsOf = ({ request }: Visit): Words => wordsIn(languageOf(request, parts.config));
  desk.get('/sign-in', 'anybody', (visit) => {
    const back = ownPath(visit.query('back'));
    return visit.who.kind === 'person' ? { to: back } : fresh(signInPage(parts, { email: '', back }, wordsOf(visit)));
  });
  desk.post('/sign-in', 'anybody', async (visit) => {
    const [email, back] = [visit.field('email'), ownPath(visit.field('back'))];
    const words = wordsOf(visit);
    const page = signInPage(parts, { email: email.slice(0, 254), back }, words);
    const attempt = await signIn.withPassword({ email, password: visit.field('password') }, seatOf(visit));
    switch (attempt.is) {
      case 'wrong':
        return again(page, [{ field: 'email', text: words.say('sign-in.wrong') }], { words });
      case 'wait':
        return tooMany(page, { field: 'email', ms: attempt.ms }, words);
      case 'next':
        return goOn(visit, attempt, back);
    }
  });
  desk.get('/sign-in/code', 'anybody', (visit) => {
    const back = ownPath(visit.query('back'));
    return stepOf(parts, visit, 'code') === undefined
      ? { to: withBack('/sign-in', back) }
      : fresh(codePage(back, wordsOf(visit)));
  });
  desk.post('/sign-in/code', 'anybody', async (visit) => {
    const back = ownPath(visit.field('back'));
    const words = wordsOf(visit);
    const step = stepOf(parts, visit, 'code');
    if (step === undefined) return { to: withBack('/sign-in', back) };
    const attempt = await signIn.withCode({ ...step, code: visit.field('code').slice(0, 40) }, seatOf(visit));
    switch (attempt.is) {
      case 'wrong':
        return again(codePage(back, words), [{ field: 'code', text: words.say('sign-in.code-wrong') }], { words });
      case 'wait':
        return tooMany(codePage(back, words), { field: 'code', ms: attempt.ms }, words);
      case 'next':
        return goOn(visit, attempt, back);
    }
  });
  desk.post('/sign-out', 'anybody', async (visit) => {
    const token = cookieOf(visit.request, 'session');
    const was = visit.who.kind === 'person' ? visit.who.session.account : undefined;
    if (token !== undefined) await registry.closeSession(token);
    setCookie(visit, 'session', { value: '' });
    return { to: was?.elsewhere === true ? '/signed-out?elsewhere=true' : '/signed-out' };
  });
  desk.get('/signed-out', 'anybody', async (visit) => {
    const there = visit.query('elsewhere') === 'true' ? await parts.elsewhere?.endHref(visit) : undefined;
    return {
      page: {
        template: 'accounts/signed-out',
        title: wordsOf(visit).say('sign-in.signed-out'),
        inEveryLanguage: true,
        content: { elsewhere: there === undefined ? undefined : { name: parts.config.oidc.name, href: there } },
      },
    };
  });
};
