import type { SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { LiveEvent } from '../../infra/live/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { isPublishedIn } from '../published.ts';
import type { Interest } from './watch.ts';

/** What is asked for, as far as it is at published sites; whether one is, is looked up with each event. */
export const publishedInterest = (asked: Interest, registry: Registry): Interest => {
  const isOpen = isPublishedIn(registry);
  return {
    site: (site) => isOpen(site) && asked.site(site),
    quantity: asked.quantity,
    event: (event) => isOpen(siteOf(event)) && asked.event(event),
  };
};

const siteOf = (event: LiveEvent): SiteId | null => {
  switch (event.kind) {
    case 'device':
      return event.site;
    case 'alert':
      return event.alert.site;
    case 'reading':
      return event.reading.site;
    case 'amended':
      // Nobody is told.
      return null;
  }
};
