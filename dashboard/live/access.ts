import type { IncomingHttpHeaders } from 'node:http';
import { scopesOf, type Registry } from '../../infra/registry/contract.ts';

/** Whether someone may read live events, or the code and the words that say why not. */
export type Admission =
  | { readonly admitted: true }
  | {
      readonly admitted: false;
      readonly code: 'key-missing' | 'scope-missing' | 'origin-foreign';
      readonly detail: string;
    };

export interface Handshake {
  readonly headers: IncomingHttpHeaders;
  /** As the client sent it, unchecked. */
  readonly auth: unknown;
}

/**
 * Who may read live events: a key that may read, from anywhere; nobody in particular, from our own pages, where these
 * are open. A page of another origin gets nothing without a key, so that no stranger's page can lean on this server.
 */
export const admit = (
  { headers, auth }: Handshake,
  { registry, open }: { readonly registry: Registry; readonly open: boolean },
): Admission => {
  const secret = keyIn(auth);
  if (secret !== undefined) {
    const key = registry.authenticateKey(secret);
    if (key === undefined)
      return { admitted: false, code: 'key-missing', detail: 'auth.key is not a key of this server' };
    if (!scopesOf[key.role].includes('read'))
      return { admitted: false, code: 'scope-missing', detail: `the key "${key.name}" may not read` };
    return { admitted: true };
  }
  if (!open) return { admitted: false, code: 'key-missing', detail: 'send an API key as auth.key' };
  if (!isOwnPage(headers))
    return {
      admitted: false,
      code: 'origin-foreign',
      detail: 'only pages of this server may listen without a key: send an API key as auth.key',
    };
  return { admitted: true };
};

const keyIn = (auth: unknown): string | undefined =>
  typeof auth === 'object' && auth !== null && 'key' in auth && typeof auth.key === 'string' ? auth.key : undefined;

/**
 * A browser names the origin of each WebSocket and of each foreign request; for its own polling it says `same-
 * origin`.
 */
const isOwnPage = (headers: IncomingHttpHeaders): boolean => {
  const { origin, host } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] === 'same-origin';
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
};
