import type { Registry } from '../../infra/registry/contract.ts';
import { isPublishedIn } from '../published.ts';
import { siteOf } from './events.ts';
import type { Interest } from './watch.ts';

/** What is asked for, as far as it is at published sites; whether one is, is looked up with each event. */
export const publishedInterest = (asked: Interest, registry: Registry): Interest => {
  const isOpen = isPublishedIn(registry);
  return {
    sites: asked.sites,
    site: (site) => isOpen(site) && asked.site(site),
    quantity: asked.quantity,
    event: (event) => isOpen(siteOf(event)) && asked.event(event),
  };
};
