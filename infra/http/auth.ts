import type { FastifyRequest } from 'fastify';
import type { Actor, ApiKey, Registry, Scope } from '../registry/contract.ts';
import { scopesOf } from '../registry/contract.ts';
import { Forbidden, Unauthorised } from './problem.ts';

/** The API key of a request: `Authorization: Bearer <key>`. Undefined when there is none or it is unknown. */
export const keyOf = (registry: Registry, authorization: string | undefined): ApiKey | undefined => {
  const [scheme, secret] = authorization?.split(' ') ?? [];
  return scheme?.toLowerCase() === 'bearer' && secret !== undefined ? registry.authenticateKey(secret) : undefined;
};

/** Who asks, for the audit trail: a request that came past `requireScope` has a key. @throws Unauthorised (`key-missing`). */
export const actorOf = (registry: Registry, { headers }: FastifyRequest): Actor => {
  const key = keyOf(registry, headers.authorization);
  if (key === undefined) throw new Unauthorised('key-missing', 'Send an API key as "Authorization: Bearer <key>"');
  return { kind: 'key', name: `${key.name} (${key.id})` };
};

/** A preHandler that lets only keys with that scope pass. @throws Unauthorised (`key-missing`), Forbidden (`scope-missing`). */
export const requireScope = (registry: Registry, scope: Scope) => async (request: FastifyRequest): Promise<void> => {
  const key = keyOf(registry, request.headers.authorization);
  if (key === undefined) {
    throw new Unauthorised('key-missing', 'Send an API key as "Authorization: Bearer <key>"; "npx kerbside keys create" makes one');
  }
  if (!scopesOf[key.role].includes(scope)) {
    throw new Forbidden('scope-missing', `The key "${key.name}" has the role ${key.role}, which may not ${scope}`);
  }
};

/** Whether a request that may come in anyway has that scope. */
export const hasScope = (registry: Registry, scope: Scope) => ({ headers }: FastifyRequest): boolean => {
  const key = keyOf(registry, headers.authorization);
  return key !== undefined && scopesOf[key.role].includes(scope);
};
