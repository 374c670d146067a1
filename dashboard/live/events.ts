import { iso, observationsOf, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Announced, Cursor, LiveEvent } from '../../infra/live/contract.ts';
import { alertOut, observationOut } from '../wire.ts';
import type { Outgoing } from './reader.ts';
import type { Interest } from './watch.ts';

/** An announced event and the cursor of the one before it. */
export interface Placed extends Announced {
  readonly before: Cursor;
}

/**
 * An announced event as the single events that go out. The cursor of each is where to go on from so that nothing is
 * missed: of a reading with several values only the last one carries the reading's own cursor, the others that of the
 * event before, because whoever was cut off between two values must be given the reading again.
 */
export const eventsOf = ({ cursor, before, event }: Placed, interest: Interest): Outgoing[] => {
  // What people do about an alert is for our pages: a partner is told of alerts, not of who is at work.
  if (event.kind === 'amended' || event.kind === 'answered' || !interest.event(event)) return [];
  if (event.kind === 'alert') return [{ name: 'alert', payload: { ...alertOut(event.alert), cursor } }];
  if (event.kind === 'device')
    return [
      { name: 'device', payload: { device: event.device, site: event.site, heardAt: iso(event.heardAt), cursor } },
    ];
  const wanted = observationsOf(event.reading).filter(({ quantity }) => interest.quantity(quantity));
  return wanted.map((observation, i) => ({
    name: 'observation',
    payload: { ...observationOut(observation), cursor: i === wanted.length - 1 ? cursor : before },
  }));
};

/** Gives each event of an unbroken run the cursor before it. */
export const placed = (announced: readonly Announced[], before: Cursor): Placed[] =>
  announced.map((one, i) => ({ ...one, before: announced[i - 1]?.cursor ?? before }));

/** Where it happened; null at no place that is known. */
export const siteOf = (event: LiveEvent): SiteId | null => {
  switch (event.kind) {
    case 'device':
    case 'answered':
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
