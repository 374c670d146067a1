import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { Unauthorised } from '../../infra/http/problem.ts';
import { assertOwnForm, assertScope, identityOf, type Identity } from '../../infra/http/auth.ts';
import { cookieOf, setCookie } from '../../infra/http/cookies.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Registry, Scope } from '../../infra/registry/contract.ts';
import type { Limit } from '../limits.ts';
import type { Page } from './page.ts';

/** What somebody must be for a page: nobody in particular, signed in, or one who may do that. */
export type Need = 'anybody' | 'signed-in' | Scope;

/** Somebody asks for a page, or sends a form. */
export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly who: Identity;
  /** The part of the path that is named so; empty when there is none. */
  readonly param: (name: string) => string;
  /** A parameter of the address. */
  readonly query: (name: string) => string | undefined;
  /** A field of the form, as it was sent; empty when it was not. */
  readonly field: (name: string) => string;
  /** All values of a field that may be ticked several times. */
  readonly fields: (name: string) => readonly string[];
  /** A file that was sent with the form; undefined when none was chosen. */
  readonly file: (name: string) => Promise<Sent | undefined>;
}

/** A file as it was sent. */
export interface Sent {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What somebody is shown, or where he is sent, or a file for him to keep. */
export type Shown =
  | { readonly page: Page; readonly status?: number; readonly retryAfterS?: number }
  | { readonly to: string }
  | { readonly file: { readonly name: string; readonly type: string; readonly body: string } };
type Handle = (visit: Visit) => Shown | Promise<Shown>;

/** Where pages that are drawn for one person, and their forms, are hung. */
export interface Desk {
  get(path: string, need: Need, handle: Handle, options?: { readonly limit?: Limit }): void;
  /** The form was sent from our own page with its token, or the handler is not called. */
  post(
    path: string,
    need: Need,
    handle: Handle,
    options?: { readonly bodyBytes?: number; readonly limit?: Limit },
  ): void;
}

export interface DeskParts {
  readonly registry: Registry;
  /** Prints a page for somebody, dressed with who he is. */
  readonly print: (page: Page, visit: Pick<Visit, 'request' | 'who'>, formToken: string) => Promise<string>;
}

/** A form is a few fields; the longest is a note. */
const FORM_BYTES = 16_384;
/** Random, so that nobody can make its form token: 192 bits. */
const FORM_COOKIE_BYTES = 24;

export const openDesk = (scope: Http, { registry, print }: DeskParts): Desk => {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  // As forms with files come; each route says how large a file it takes.
  scope.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: FORM_BYTES },
    async (request: FastifyRequest, body: Buffer) => formIn(body, request.headers['content-type'] ?? ''),
  );
  const show = async (visit: Visit, shown: Shown, formToken: string): Promise<FastifyReply> => {
    const { reply } = visit;
    // What is drawn for one person is kept nowhere.
    void reply.header('Cache-Control', 'no-store');
    if ('to' in shown) return reply.redirect(shown.to, 303);
    if ('file' in shown)
      return reply
        .type(shown.file.type)
        .header('Content-Disposition', `attachment; filename="${shown.file.name}"`)
        .send(shown.file.body);
    if (shown.retryAfterS !== undefined) void reply.header('Retry-After', shown.retryAfterS);
    return reply
      .status(shown.status ?? 200)
      .type('text/html; charset=utf-8')
      .send(await print({ forms: true, ...shown.page }, visit, formToken));
  };
  const assertNeed = (who: Identity, need: Need): void => {
    if (need === 'anybody') return;
    if (need !== 'signed-in') return assertScope(who, need);
    if (who.kind !== 'person') throw new Unauthorised('sign-in-needed', 'Sign in first');
  };
  return {
    get(path, need, handle, { limit } = {}) {
      scope.get(path, { schema: { hide: true }, ...limit }, async (request, reply) => {
        const visit = visitOf(request, reply, identityOf(registry, request));
        assertNeed(visit.who, need);
        const cookie = formCookie(request) ?? newFormCookie(request, reply);
        return show(visit, await handle(visit), registry.formToken(cookie));
      });
    },
    post(path, need, handle, { bodyBytes = FORM_BYTES, limit } = {}) {
      scope.post(
        path,
        {
          schema: { hide: true },
          bodyLimit: bodyBytes,
          ...limit,
          onRequest: async (request) => assertNeed(identityOf(registry, request), need),
        },
        async (request, reply) => {
          const visit = visitOf(request, reply, identityOf(registry, request));
          const cookie = formCookie(request);
          assertOwnForm(registry, request, { cookie, shown: visit.field('form') });
          return show(visit, await handle(visit), registry.formToken(cookie ?? ''));
        },
      );
    },
  };
};

/** What a form is tied to: the session, or a cookie of its own before there is one. */
export const formCookie = (request: FastifyRequest): string | undefined =>
  cookieOf(request, 'session') ?? cookieOf(request, 'form');

const newFormCookie = (request: FastifyRequest, reply: FastifyReply): string => {
  const value = randomBytes(FORM_COOKIE_BYTES).toString('base64url');
  setCookie({ request, reply }, 'form', { value });
  return value;
};

/** @throws Invalid (`form-broken`): the browser sent something else than it says. */
const formIn = async (body: Buffer, type: string): Promise<FormData> => {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch {
    throw new Invalid('form-broken', 'The form did not come whole: send it again');
  }
};

const wordsOnly = (values: readonly unknown[]): readonly string[] =>
  values.filter((value) => typeof value === 'string');

const visitOf = (request: FastifyRequest, reply: FastifyReply, who: Identity): Visit => {
  const { body: sent } = request;
  const body = sent instanceof URLSearchParams || sent instanceof FormData ? sent : new URLSearchParams();
  return {
    request,
    reply,
    who,
    param: (name) => textIn(request.params, name) ?? '',
    query: (name) => textIn(request.query, name),
    field: (name) => wordsOnly(body.getAll(name))[0] ?? '',
    fields: (name) => wordsOnly(body.getAll(name)),
    file: async (name) => {
      const file = body.get(name);
      // A browser sends an empty file without a name where none was chosen.
      if (file === null || typeof file === 'string' || file.name === '') return undefined;
      return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    },
  };
};

/** A text of an object from outside, by its own name only. */
export const textIn = (source: unknown, key: string): string | undefined => {
  if (typeof source !== 'object' || source === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(source, key)?.value;
  return typeof found === 'string' ? found : undefined;
};
