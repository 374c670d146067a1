import type { SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Announced } from '../../infra/live/contract.ts';
import type { Outlet, Reader } from './reader.ts';
import type { Interest } from './watch.ts';

/** A page asks for its words again at most so often; nobody reads faster. */
const CHANGES_EVERY_MS = 1_000;

/** What changed since the last time it was said: never more than the names of the sites. */
export interface Changes extends Pick<Reader, 'pump'> {
  note(announced: readonly Announced[]): void;
}

/**
 * Tells a page which sites changed, once a second at most. It never falls behind, because what waits is a set of names.
 * `asOf` is the monotonic clock of this process: a page that says an earlier one was drawn before the change.
 */
export const openChanges = ({
  outlet,
  now,
  interest,
}: {
  readonly outlet: Outlet;
  readonly now: () => number;
  readonly interest: Interest;
}): Changes => {
  const sites = new Set<SiteId | null>();
  let alerts = false;
  let cursor: string | undefined;
  let saidAt = -Infinity;
  const pump = (): void => {
    if (cursor === undefined || now() - saidAt < CHANGES_EVERY_MS || !outlet.ready()) return;
    outlet.emit({
      name: 'change',
      payload: {
        cursor,
        asOf: Math.ceil(now()),
        sites: [...sites].filter((site) => site !== null),
        elsewhere: sites.has(null),
        alerts,
      },
    });
    sites.clear();
    alerts = false;
    cursor = undefined;
    saidAt = now();
  };
  return {
    note(announced) {
      for (const one of announced) {
        if (one.event.kind === 'amended' || !interest.event(one.event)) continue;
        cursor = one.cursor;
        if (one.event.kind === 'alert' || one.event.kind === 'answered') alerts = true;
        sites.add(
          one.event.kind === 'reading'
            ? one.event.reading.site
            : one.event.kind === 'alert'
              ? one.event.alert.site
              : one.event.site,
        );
      }
    },
    pump,
  };
};
