import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Unauthorised } from '../../infra/http/problem.ts';
import { assertOwnForm, assertScope, identityOf, type Identity } from '../../infra/http/auth.ts';
import { cookieOf, setCookie } from '../../infra/http/cookies.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Registry, Scope } from '../../infra/registry/contract.ts';
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
}

/** What somebody is shown, or where he is sent. */
export type Shown = { readonly page: Page; readonly status?: number; readonly retryAfterS?: number } | { readonly to: string };
type Handle = (visit: Visit) => Shown | Promise<Shown>;

/** Where pages that are drawn for one person, and their forms, are hung. */
export interface Desk {
  get(path: string, need: Need, handle: Handle): void;
  /** The form was sent from our own page with its token, or the handler is not called. */
  post(path: string, need: Need, handle: Handle): void;
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
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: FORM_BYTES }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  const show = async (visit: Visit, shown: Shown, formToken: string): Promise<FastifyReply> => {
    const { reply } = visit;
    // What is drawn for one person is kept nowhere.
    void reply.header('Cache-Control', 'no-store');
    if ('to' in shown) return reply.redirect(shown.to, 303);
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
    get(path, need, handle) {
      scope.get(path, { schema: { hide: true } }, async (request, reply) => {
        const visit = visitOf(request, reply, identityOf(registry, request));
        assertNeed(visit.who, need);
        const cookie = formCookie(request) ?? newFormCookie(request, reply);
        return show(visit, await handle(visit), registry.formToken(cookie));
      });
    },
    post(path, need, handle) {
      scope.post(path, { schema: { hide: true }, onRequest: async (request) => assertNeed(identityOf(registry, request), need) }, async (request, reply) => {
        const visit = visitOf(request, reply, identityOf(registry, request));
        const cookie = formCookie(request);
        assertOwnForm(registry, request, { cookie, shown: visit.field('form') });
        return show(visit, await handle(visit), registry.formToken(cookie ?? ''));
      });
    },
  };
};

/** What a form is tied to: the session, or a cookie of its own before there is one. */
export const formCookie = (request: FastifyRequest): string | undefined => cookieOf(request, 'session') ?? cookieOf(request, 'form');

const newFormCookie = (request: FastifyRequest, reply: FastifyReply): string => {
  const value = randomBytes(FORM_COOKIE_BYTES).toString('base64url');
  setCookie({ request, reply }, 'form', { value });
  return value;
};

const visitOf = (request: FastifyRequest, reply: FastifyReply, who: Identity): Visit => {
  const body = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  return {
    request,
    reply,
    who,
    param: (name) => textIn(request.params, name) ?? '',
    query: (name) => textIn(request.query, name),
    field: (name) => body.get(name) ?? '',
    fields: (name) => body.getAll(name),
  };
};

/** A text of an object from outside, by its own name only. */
export const textIn = (source: unknown, key: string): string | undefined => {
  if (typeof source !== 'object' || source === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(source, key)?.value;
  return typeof found === 'string' ? found : undefined;
};
