import type { FastifyRequest } from 'fastify';
import type { Problem } from '../../infra/http/problem.ts';
import { ownPath } from '../accounts/own-path.ts';
import type { Key } from '../words/english.ts';
import type { Words } from '../words/index.ts';
import type { Page } from './page.ts';

/** What somebody gets instead of the page that was asked for. */

const errorTitles = new Map<number, Key>([
  [400, 'error.400'],
  [403, 'error.403'],
  [404, 'error.404'],
  [409, 'error.409'],
  [413, 'error.413'],
  [415, 'error.415'],
  [429, 'error.429'],
  [503, 'error.503'],
]);

/** Says what went wrong, and how to go on. `from` is where somebody comes from, who sent what was refused. */
export const errorPage = (
  problem: Problem,
  { words, from }: { readonly words: Words; readonly from: string },
): Page => ({
  template: 'error',
  title: words.say(errorTitles.get(problem.status) ?? 'error.500'),
  inEveryLanguage: true,
  content: {
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    from: from === '/' ? undefined : from,
  },
});

/**
 * To the sign-in page, and from there back to what was asked for. A form that was sent is not sent again: one comes
 * back to its page, whose address has what was said on the pages before it.
 */
export const signInHref = (request: FastifyRequest): string => {
  const { method, url, routeOptions } = request;
  const isPage = method === 'GET' || request.server.hasRoute({ method: 'GET', url: routeOptions.url ?? '' });
  const back = isPage ? ownPath(url) : fromOf(request);
  return back === '/' ? '/sign-in' : `/sign-in?back=${encodeURIComponent(back)}`;
};

/** The page of ours from which somebody comes; the first page where the browser does not say. */
export const fromOf = ({ headers: { referer = '' }, host }: FastifyRequest): string => {
  const from = URL.parse(referer);
  return from?.host === host ? ownPath(`${from.pathname}${from.search}`) : '/';
};

/** Whether a person looks at the answer, and not a program. */
export const wantsHtml = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') ?? false;
