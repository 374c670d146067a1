import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Invalid, KerbsideError, NotFound, Unavailable } from '../device-profiles/vocabulary/index.ts';
import { readConfig } from '../infra/config/index.ts';

/** A running server, and the key to ask it with. */
export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
}

/** The server at an address, or the one of this installation. @throws Invalid (`key-missing`) where KERBSIDE_KEY has none. */
export const serverAt = (url: string | undefined): Server => {
  const key = process.env['KERBSIDE_KEY'];
  if (key === undefined || key === '')
    throw new Invalid(
      'key-missing',
      'put an API key into KERBSIDE_KEY; "npx kerbside keys create" makes one on the server',
    );
  return { url: (url ?? `http://127.0.0.1:${readConfig().http.port}`).replace(/\/+$/, ''), key };
};

/** What is asked for; what is undefined is not asked. */
type Asked = Readonly<Record<string, string | number | boolean | undefined>>;

interface Question {
  /** `/api/v1/averages` */
  readonly path: string;
  readonly asked?: Asked;
  /** Sent as JSON with POST; without it the question is a GET. */
  readonly body?: object;
}

/**
 * One answer.
 * @throws what the server answers as the error it stands for; Unavailable (`server-unreachable`); KerbsideError
 * (`server-strange`) when the answer is not of that shape.
 */
export const answerTo = async <T>(
  server: Server,
  { shape, ...question }: Question & { readonly shape: { Check(value: unknown): value is T } },
): Promise<T> => {
  const answer: unknown = await (await answerOf(server, { ...question, accept: 'application/json' })).json();
  if (!shape.Check(answer)) throw strange(server);
  return answer;
};

/** The same as text of some kind: `image/svg+xml`. */
export const textOf = async (server: Server, question: Question & { readonly accept: string }): Promise<string> =>
  (await answerOf(server, question)).text();

/**
 * All pages of an answer.
 * @throws what the server answers as the error it stands for; Unavailable (`server-unreachable`); KerbsideError
 * (`server-strange`) when the answer is not of that shape.
 */
export const pagesOf = async <Shape extends TSchema>(
  server: Server,
  { shape, ...question }: Question & { readonly shape: Shape },
): Promise<readonly (Static<Shape> & { readonly next: string | null })[]> => {
  const check = Compile(shape);
  const pages: (Static<Shape> & { readonly next: string | null })[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await answerTo(server, { ...question, asked: { ...question.asked, cursor }, shape: check });
    if (!hasNext(page)) throw strange(server);
    pages.push(page);
    if (page.next === null) return pages;
    cursor = page.next;
  }
};

/** All pages of an answer as one CSV, as the server writes it: one heading, then the rows. */
export const csvOf = async (server: Server, question: Question): Promise<string> => {
  let text = '';
  for (let cursor: string | undefined; ;) {
    const answer = await answerOf(server, { ...question, asked: { ...question.asked, cursor }, accept: 'text/csv' });
    if (answer.headers.get('content-type')?.startsWith('text/csv') !== true) throw strange(server);
    const page = await answer.text();
    text += cursor === undefined ? page : page.slice(page.indexOf('\r\n') + 2);
    const [, next] = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '') ?? [];
    if (next === undefined) return text;
    cursor = new URL(next, server.url).searchParams.get('cursor') ?? undefined;
    if (cursor === undefined) throw strange(server);
  }
};

const strange = ({ url }: Server): KerbsideError =>
  new KerbsideError('server-strange', `${url} answered as no Kerbside of this version does`);

const answerOf = async (
  { url, key }: Server,
  { path, asked = {}, body, accept }: Question & { readonly accept: string },
): Promise<Response> => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, String(value));
  const headers = { authorization: `Bearer ${key}`, accept };
  const answer = await fetch(
    `${url}${path}${query.size === 0 ? '' : `?${query.toString()}`}`,
    body === undefined
      ? { headers }
      : { headers: { ...headers, 'content-type': 'application/json' }, method: 'POST', body: JSON.stringify(body) },
  ).catch(() => undefined);
  if (answer === undefined) throw new Unavailable('server-unreachable', `nothing answers at ${url}`);
  if (!answer.ok) throw await problemOf(answer);
  return answer;
};

/** What a server says when it refuses, as the error that our own registry would throw. */
export const problemOf = async (answer: Response): Promise<KerbsideError> => {
  const told: unknown = await answer.json().catch(() => undefined);
  if (typeof told !== 'object' || told === null || !('code' in told && 'detail' in told))
    return new KerbsideError('server-strange', `${answer.url} answered ${answer.status}, as no Kerbside does`);
  const [code, detail] = [String(told.code), String(told.detail)];
  // A server speaks to programs of headers; whoever types has put the key elsewhere.
  if (answer.status === 401)
    return new Invalid(
      code,
      `the key in KERBSIDE_KEY is not one of ${new URL(answer.url).origin}, or was revoked or has expired; "npx kerbside keys create" makes one on the server`,
    );
  if (answer.status === 404) return new NotFound(code, detail);
  return answer.status < 500 ? new Invalid(code, detail) : new KerbsideError(code, detail);
};

const hasNext = <T>(page: T): page is T & { readonly next: string | null } =>
  typeof page === 'object' && page !== null && 'next' in page && (page.next === null || typeof page.next === 'string');
