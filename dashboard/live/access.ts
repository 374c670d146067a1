import type { IncomingHttpHeaders } from 'node:http';
import { cookieIn } from '../../infra/http/cookies.ts';
import { isOwnPage } from '../../infra/http/origin.ts';
import { rolesWith, scopesOf, scopesOfKey, type Registry } from '../../infra/registry/contract.ts';
import { sightOf, type Sight } from '../sight.ts';

/** Whether someone may read live events, and how much of them, or the code and the words that say why not. */
export type Admission =
  | {
      readonly admitted: true;
      readonly sight: Exclude<Sight, 'nothing'>;
      /** Whether he still may: his key is not revoked, his session not over. */
      readonly holds: () => boolean;
    }
  | {
      readonly admitted: false;
      readonly code: 'key-missing' | 'key-wrong' | 'scope-missing' | 'origin-foreign';
      readonly detail: string;
    };

export interface Handshake {
  readonly headers: IncomingHttpHeaders;
  /** As the client sent it, unchecked. */
  readonly auth: unknown;
}

/**
 * Who may read live events: a key that may read, from anywhere; who is signed in, and nobody in particular as far as the
 * pages are open, from our own pages. A page of another origin gets nothing without a key, so that no stranger's page
 * can lean on this server, or on somebody's session.
 */
export const admit = (
  { headers, auth }: Handshake,
  { registry, open }: { readonly registry: Registry; readonly open: Sight },
): Admission => {
  const secret = keyIn(auth);
  if (secret !== undefined) return withKey(secret, registry);
  const token = cookieIn(headers, 'session', true) ?? cookieIn(headers, 'session', false);
  const mayRead = (): boolean => {
    const session = token === undefined ? undefined : registry.session(token, false);
    return session?.stage === 'full' && scopesOf[session.account.role].includes('read');
  };
  const isSignedIn = mayRead();
  const sight = sightOf({ scopes: isSignedIn ? ['read'] : [] }, open);
  if (sight === 'nothing')
    return { admitted: false, code: 'key-missing', detail: 'send an API key as auth.key, or sign in' };
  if (!isOwnPage({ headers, host: headers.host }))
    return {
      admitted: false,
      code: 'origin-foreign',
      detail: 'only pages of this server may listen without a key: send an API key as auth.key',
    };
  return { admitted: true, sight, holds: isSignedIn ? mayRead : () => true };
};

const withKey = (secret: string, registry: Registry): Admission => {
  const key = registry.authenticateKey(secret);
  if (key === undefined)
    return {
      admitted: false,
      code: 'key-wrong',
      detail: 'auth.key is not a key of this server, or was revoked or has expired',
    };
  if (!scopesOfKey(key).includes('read'))
    return {
      admitted: false,
      code: 'scope-missing',
      detail: `the key "${key.name}" may not read: that takes the role ${rolesWith('read')}`,
    };
  return { admitted: true, sight: 'everything', holds: () => registry.authenticateKey(secret) !== undefined };
};

const keyIn = (auth: unknown): string | undefined =>
  typeof auth === 'object' && auth !== null && 'key' in auth && typeof auth.key === 'string' ? auth.key : undefined;
