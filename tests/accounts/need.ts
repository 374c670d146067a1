import type { Scope } from '../../infra/registry/contract.ts';

/** What a route asks of whoever comes. `open`: everybody; `person`: whoever is signed in, and no key. */
export type Need = 'open' | 'see' | 'person' | Scope;

/** Routes that need the same. */
export type NeedRow = readonly [need: Need, routes: readonly string[]];
