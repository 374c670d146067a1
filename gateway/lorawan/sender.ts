import type { FastifyRequest } from 'fastify';
import { setTimeout as pause } from 'node:timers/promises';
import type { Slowdown } from '../../infra/broker/slowdown.ts';
import { Forbidden, Unauthorised } from '../../infra/http/problem.ts';
import { rolesWith, scopesOfKey, type ApiKey, type Registry } from '../../infra/registry/contract.ts';

/**
 * The key of a network server that calls: network servers can be told a header or a name and a password, and not all
 * can be told both. `Authorization: Bearer <key>`, `Authorization: Basic` with the key as password under any name, or
 * the header `Kerbside-Key`.
 */
export const keyIn = ({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined => {
  const own = headers['kerbside-key'];
  if (typeof own === 'string') return own;
  const [scheme = '', value = ''] = headers.authorization?.split(' ') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic': {
      const text = Buffer.from(value, 'base64').toString('utf8');
      const colon = text.indexOf(':');
      return colon < 0 ? undefined : text.slice(colon + 1);
    }
    default:
      return undefined;
  }
};

/**
 * Lets network servers pass, and nobody else.
 * @throws Unauthorised `key-missing`, or `key-wrong` after a wait that grows with each mistake from that address;
 * Forbidden `scope-missing`.
 */
export const networkServerOf = async (
  request: Pick<FastifyRequest, 'headers' | 'ip'>,
  { registry, slowdown }: { readonly registry: Pick<Registry, 'authenticateKey'>; readonly slowdown: Slowdown },
): Promise<ApiKey> => {
  const secret = keyIn(request);
  if (secret === undefined) {
    throw new Unauthorised(
      'key-missing',
      'Send the key of "npx kerbside keys create --role network-server" ' +
        'as "Authorization: Bearer <key>", as the password of "Basic", or in the header Kerbside-Key',
    );
  }
  const key = registry.authenticateKey(secret);
  if (key === undefined) {
    await pause(slowdown.failed(request.ip));
    throw new Unauthorised(
      'key-wrong',
      'No API key is this one; "npx kerbside keys create --role network-server" makes one',
    );
  }
  if (!scopesOfKey(key).includes('deliver')) {
    throw new Forbidden(
      'scope-missing',
      `The key "${key.name}" has the role ${key.role}, which may not deliver: that takes the role ${rolesWith('deliver')}`,
    );
  }
  return key;
};
