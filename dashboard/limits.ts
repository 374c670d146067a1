import rateLimit from '@fastify/rate-limit';
import { identityOf } from '../infra/http/auth.ts';
import type { Http } from '../infra/http/server.ts';
import type { Registry } from '../infra/registry/contract.ts';

/** So many requests of one caller in so many seconds, counted over all routes of the group; what is beyond is answered 429. */
export const atMost = (max: number, seconds: number, groupId: string) => ({
  config: { rateLimit: { max, timeWindow: 1000 * seconds, groupId } },
});
export type Limit = ReturnType<typeof atMost>;

/** Messages that are decoded for somebody to look at: each may take a codec's whole time. */
export const trying = atMost(60, 10, 'trying');
/** What is worked out from up to a year of a site, and kept for nobody who asks next. */
export const heavyTables = atMost(60, 10, 'tables');

/**
 * Has the limits of the routes of a scope kept; without it a route's limit is a remark that nobody reads. Callers are told
 * apart by person, by key, else by address: an office behind one address has as much for each who signed in.
 */
export const keepLimits = async (scope: Http, registry: Registry): Promise<void> => {
  await scope.register(rateLimit, {
    global: false,
    // After who asks is known, and refused where he may not ask at all.
    hook: 'preHandler',
    keyGenerator: (request) => {
      const who = identityOf(registry, request);
      if (who.kind === 'person') return `person ${who.session.account.id}`;
      return who.kind === 'key' ? `key ${who.key.id}` : `address ${request.ip}`;
    },
  });
};
