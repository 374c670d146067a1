import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { accountActor } from '../registry/accounts/parts.ts';
import type { Actor, ApiKey, Registry, Scope, Session } from '../registry/contract.ts';
import { rolesWith, scopesOf, scopesOfKey } from '../registry/contract.ts';
import { cookieOf } from './cookies.ts';
import { isOwnPage } from './origin.ts';
import { Forbidden, Unauthorised } from './problem.ts';

/** Who asks, and what he may. A key that is shown counts alone: a cookie beside it does not. */
export type Identity =
  | {
      readonly kind: 'nobody';
      readonly scopes: readonly Scope[];
      /** Showed a key, which is none of ours. */ readonly wrongKey: boolean;
    }
  | { readonly kind: 'key'; readonly key: ApiKey; readonly scopes: readonly Scope[] }
  | { readonly kind: 'person'; readonly session: Session; readonly token: string; readonly scopes: readonly Scope[] };

const nobody: Identity = { kind: 'nobody', scopes: [], wrongKey: false };
const wrongKey: Identity = { ...nobody, wrongKey: true };

/** The API key that a request shows: `Authorization: Bearer <key>`. Undefined when it shows none. */
const keyIn = (authorization: string): string | undefined => {
  const [scheme, secret] = authorization.split(' ');
  return scheme?.toLowerCase() === 'bearer' ? secret : undefined;
};

/** Who asks. A session whose second factor is still missing is nobody's. */
export const identityOf = (registry: Registry, request: FastifyRequest): Identity => {
  const known = found.get(request);
  if (known !== undefined) return known;
  const who = look(registry, request);
  found.set(request, who);
  return who;
};

/** Who asked, by request: it is looked up once for each, and asked for by each part that handles it. */
const found = new WeakMap<FastifyRequest, Identity>();

const look = (registry: Registry, request: FastifyRequest): Identity => {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const secret = keyIn(authorization);
    if (secret === undefined) return nobody;
    const key = registry.authenticateKey(secret);
    return key === undefined ? wrongKey : { kind: 'key', key, scopes: scopesOfKey(key) };
  }
  const token = cookieOf(request, 'session');
  const session = token === undefined ? undefined : registry.session(token, isOfAPerson(request));
  if (token === undefined || session?.stage !== 'full') return nobody;
  return { kind: 'person', session, token, scopes: scopesOf[session.account.role] };
};

/** A page that redraws itself on a wall is nobody's activity: only what somebody opened or sent keeps a session. */
const isOfAPerson = ({ method, headers }: FastifyRequest): boolean =>
  // A browser says both, or neither where it does not know them.
  headers['sec-fetch-site'] === undefined || headers['sec-fetch-mode'] === 'navigate' || !isSafe(method);

/** Whether whoever asked still may, looked up anew: for an answer that goes on for long. */
export const stillHas =
  (registry: Registry, scope: Scope) =>
  (request: FastifyRequest): boolean =>
    look(registry, request).scopes.includes(scope);

/** Methods that change nothing (RFC 9110, 9.2.1). */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

/** Who asks, for the audit trail. @throws Unauthorised (`key-missing`, `key-wrong`) for nobody. */
export const actorOf = (registry: Registry, request: FastifyRequest): Actor => {
  const who = identityOf(registry, request);
  switch (who.kind) {
    case 'key':
      return { kind: 'key', name: `${who.key.name} (${who.key.id})` };
    case 'person':
      return accountActor(who.session.account);
    case 'nobody':
      throw unknown(who);
  }
};

const unknown = ({ wrongKey: isWrong }: Extract<Identity, { readonly kind: 'nobody' }>): Unauthorised =>
  isWrong
    ? new Unauthorised(
        'key-wrong',
        'This is not a key of this server, or it was revoked or has expired; "npx kerbside keys create" makes one',
      )
    : keyMissing();

const keyMissing = (): Unauthorised =>
  new Unauthorised(
    'key-missing',
    'Send an API key as "Authorization: Bearer <key>"; "npx kerbside keys create" makes one. Or sign in with a browser',
  );

/**
 * A preHandler of the API that lets only those with that scope pass. A session is taken from pages of our own only, and
 * for a change only with the token of its forms in `Kerbside-Form`.
 * @throws Unauthorised (`key-missing`, `key-wrong`), Forbidden (`scope-missing`, `origin-foreign`, `form-token-wrong`).
 */
export const requireScope =
  (registry: Registry, scope: Scope) =>
  async (request: FastifyRequest): Promise<void> => {
    const who = identityOf(registry, request);
    if (who.kind === 'person') assertOwnCall(registry, request, who.token);
    assertScope(who, scope);
  };

/** @throws Unauthorised (`key-missing`, `key-wrong`), Forbidden (`scope-missing`). */
export const assertScope = (who: Identity, scope: Scope): void => {
  if (who.kind === 'nobody') throw unknown(who);
  if (who.scopes.includes(scope)) return;
  const whose = who.kind === 'key' ? `The key "${who.key.name}"` : 'Your account';
  const role = who.kind === 'key' ? who.key.role : who.session.account.role;
  // A key may have been made with a part of what its role may.
  if (scopesOf[role].includes(scope))
    throw new Forbidden('scope-missing', `${whose} was made without the scope ${scope}: make one with it`);
  throw new Forbidden(
    'scope-missing',
    `${whose} has the role ${role}, which may not ${scope}: that takes the role ${rolesWith(scope)}`,
  );
};

const assertOwnCall = (registry: Registry, request: FastifyRequest, token: string): void => {
  const { headers, method } = request;
  if (isSafe(method)) {
    // A browser that says nothing of where a call comes from sends the cookie to no other site's calls: SameSite.
    const from = headers['sec-fetch-site'];
    if (from !== undefined && from !== 'same-origin' && from !== 'none') throw originForeign();
    return;
  }
  if (!isOwnPage(request)) throw originForeign();
  const shown = headers['kerbside-form'];
  if (typeof shown !== 'string' || !isSame(shown, registry.formToken(token))) throw formTokenWrong();
};

/** @throws Forbidden (`origin-foreign`, `form-token-wrong`) unless a form was sent from our own page, with its token. */
export const assertOwnForm = (
  registry: Registry,
  request: FastifyRequest,
  { cookie, shown }: { readonly cookie: string | undefined; readonly shown: string | undefined },
): void => {
  if (!isOwnPage(request)) throw originForeign();
  if (cookie === undefined || shown === undefined || !isSame(shown, registry.formToken(cookie))) throw formTokenWrong();
};

const originForeign = (): Forbidden =>
  new Forbidden('origin-foreign', 'Only pages of this server may do that in your name');
const formTokenWrong = (): Forbidden =>
  new Forbidden(
    'form-token-wrong',
    'This form is too old, or was not sent from the page that showed it: open the page again and repeat it',
  );

const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Whether a request that may come in anyway has that scope. */
export const hasScope =
  (registry: Registry, scope: Scope) =>
  (request: FastifyRequest): boolean =>
    identityOf(registry, request).scopes.includes(scope);
