import type { SignIn } from '../../accounts/sign-in.ts';
import type { SignInSettings } from '../../accounts/settings.ts';
import type { Elsewheres } from '../../accounts/elsewhere.ts';
import type { Passwords } from '../../../infra/accounts/password.ts';
import { KerbsideError } from '../../../device-profiles/vocabulary/index.ts';
import type { Changes, Session } from '../../../infra/registry/contract.ts';
import { actorOf } from '../../../infra/http/auth.ts';
import { setCookie } from '../../../infra/http/cookies.ts';
import { Unauthorised } from '../../../infra/http/problem.ts';
import type { Seat } from '../../accounts/sign-in.ts';
import type { Shown, Visit } from '../desk.ts';
import { englishWords, type Words } from '../../words/index.ts';
import type { Page, PageParts } from '../page.ts';

/** What the pages of accounts are made from. */
export interface AccountParts extends Pick<PageParts, 'registry' | 'config' | 'clock' | 'log' | 'metrics'> {
  readonly signIn: SignIn;
  readonly passwords: Passwords;
  readonly settings: SignInSettings;
  /** Signing in at another service; undefined where none is configured. */
  readonly elsewhere: Elsewheres | undefined;
}

/** What is wrong with a field of a form. */
export interface FieldError {
  readonly field: string;
  readonly text: string;
}

/**
 * The page of a form again, with what is wrong with it; the title says so first, for who hears it. It does not redraw itself: at the
 * address of a form there is nothing to ask for, and what was typed, and what is wrong with it, has to stay.
 */
export const again = (
  page: Page,
  errors: readonly FieldError[],
  more: { readonly status?: number; readonly retryAfterS?: number; readonly words?: Words } = {},
): Shown => ({
  status: more.status ?? 422,
  ...(more.retryAfterS === undefined ? {} : { retryAfterS: more.retryAfterS }),
  page: {
    ...page,
    live: undefined,
    title: (more.words ?? englishWords).say('form.error', { title: page.title }),
    content: {
      ...page.content,
      heading: page.title,
      errors: errors.map(({ field, text }) => ({ text, href: `#${field}` })),
      wrong: Object.fromEntries(errors.map(({ field, text }) => [field, { text }])),
    },
  },
});

/** A form that is shown for the first time. */
export const fresh = (page: Page): Shown => ({
  page: { ...page, content: { ...page.content, heading: page.title, errors: [], wrong: {} } },
});

/** What a refusal of ours says of a field. What is broken is not a refusal. @throws what is no refusal. */
export const refusedAt = (field: string, error: unknown): FieldError => {
  if (error instanceof KerbsideError && error.code !== 'sign-in-busy') return { field, text: sentence(error.message) };
  throw error;
};

/** With a capital, unless it begins with an id, which with a capital is another one. */
export const sentence = (text: string): string =>
  /^[a-z]+(?=[ ,:]|$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

export const seatOf = ({ request }: Visit): Seat => ({
  address: request.ip,
  agent: request.headers['user-agent'] ?? '',
});

/** The session of whoever is signed in. @throws Unauthorised (`sign-in-needed`). */
export const personOf = ({ who }: Visit): { readonly session: Session; readonly token: string } => {
  if (who.kind !== 'person') throw new Unauthorised('sign-in-needed', 'Sign in first');
  return who;
};

/** Changes in the name of whoever is signed in. */
export const changesOf = ({ registry }: Pick<AccountParts, 'registry'>, { request }: Visit): Changes =>
  registry.as(actorOf(registry, request));

/** From now on the browser has this session: a new one with each sign-in, so that nobody can have known it before. */
export const carry = (visit: Visit, token: string): void => setCookie(visit, 'session', { value: token });

/** In how long somebody may try again, in words. */
export const waitWords = (ms: number, words: Words): string => {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 90
    ? words.say('length.seconds', { count: seconds })
    : words.say('length.minutes', { count: Math.ceil(seconds / 60) });
};

/** Why a password that had to be shown once more was not taken. */
export const notRight = (knows: 'wrong' | { readonly waitMs: number }): string =>
  knows === 'wrong'
    ? 'That is not your password'
    : `Too many attempts. Try again in ${waitWords(knows.waitMs, englishWords)}`;

/** Where people reach this server: as the configuration says, or as they reached it now. */
export const baseOf = ({ config }: Pick<AccountParts, 'config'>, { request }: Pick<Visit, 'request'>): string =>
  (config.http.publicUrl ?? `${request.protocol}://${request.host}`).replace(/\/$/, '');
