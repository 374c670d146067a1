import type { FastifyRequest } from 'fastify';
import { siteId } from '../../device-profiles/vocabulary/index.ts';
import { identityOf, requireScope } from '../../infra/http/auth.ts';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Config } from '../../infra/config/schema.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { Selection } from '../../infra/timeseries/contract.ts';
import type { Overview } from '../now/overview.ts';
import { publishedOverview, publishedRegistry } from '../published.ts';
import { sightOf, type Sight } from '../sight.ts';
import type { Seen } from './parts.ts';

/** What the description of a route says that is open as the pages are. */
export const SEEN = 'Open as far as the pages are (`dashboard.open`); else needs `read`.';

/**
 * Lets pass whoever sees the pages; a key that is shown, and whoever is signed in, must be able to `read`.
 * @throws Unauthorised (`key-missing`, `key-wrong`), Forbidden (`scope-missing`, `origin-foreign`).
 */
export const whoSees = (registry: Registry, open: Sight) => {
  const mayRead = requireScope(registry, 'read');
  return async (request: FastifyRequest): Promise<void> => {
    const isNobody = request.headers.authorization === undefined && identityOf(registry, request).kind === 'nobody';
    if (!isNobody || open === 'nothing') await mayRead(request);
  };
};

/** The parts as whoever asks sees them. */
export const seeing = ({
  registry,
  now,
  clock,
  config,
}: {
  readonly registry: Registry;
  readonly now: { overview(): Overview };
  readonly clock: Clock;
  readonly config: Config;
}): ((request: FastifyRequest) => Seen) => {
  const everything: Seen = { registry, overview: () => now.overview(), sites: undefined };
  const published = publishedRegistry(registry, () => clock.now());
  return (request) =>
    sightOf(identityOf(registry, request), config.dashboard.open) === 'everything'
      ? everything
      : {
          registry: published,
          overview: () => publishedOverview(now.overview(), registry),
          sites: published.sites().map(({ id }) => id),
        };
};

/** No site can have this id: what is confined to it is nothing, where an empty list might be taken for all. */
const NOWHERE = siteId('nowhere.nowhere.nowhere.nowhere.nowhere.nowhere.nowhere.nowhere');

/** What is selected, of what is seen. Sites that were named are seen already. */
export const confined = (selection: Selection, { sites }: Pick<Seen, 'sites'>): Selection => {
  if (sites === undefined) return selection;
  const wanted = selection.sites ?? sites;
  return { ...selection, sites: wanted.length === 0 ? [NOWHERE] : wanted };
};
