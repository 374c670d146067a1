import type { Instant, SiteId } from '../../../device-profiles/vocabulary/index.ts';
import { statements, type CheckedPlace, type Faults } from './checks.ts';
import type { RowChange, RowField } from './contract.ts';
import type { Site } from '../contract.ts';

/** The sites that good rows add and change. */
export interface SitePlan {
  readonly added: readonly Site[];
  readonly changed: readonly { readonly after: Site; readonly changes: readonly RowChange[] }[];
}

interface Statement {
  readonly text: string;
  readonly line: number;
}

/** What the rows say of sites, together. */
export const openSitePlan = (known: (id: SiteId) => Site | undefined, now: Instant) => {
  const stated = new Map<SiteId, Map<RowField, Statement>>();
  const after = new Map<SiteId, Site>();
  return {
    /** Of a bad row too: whichever of two that contradict each other is right, somebody has to say. */
    state: ({
      site,
      place,
      line,
      faults,
    }: {
      readonly site: SiteId;
      readonly place: CheckedPlace;
      readonly line: number;
      readonly faults: Faults;
    }): void => {
      const earlier = stated.get(site) ?? new Map<RowField, Statement>();
      stated.set(site, earlier);
      for (const [field, text] of statements(place)) {
        const other = earlier.get(field);
        if (other === undefined) earlier.set(field, { text, line });
        else if (other.text !== text)
          faults.add({
            field,
            reason: 'site-contradicts',
            detail: `line ${other.line} says ${JSON.stringify(other.text)} of the site ${site}`,
          });
      }
    },
    /** Of a good row. Answers what it changes of a site that is known. */
    take: (id: SiteId, place: CheckedPlace): readonly RowChange[] => {
      const before = after.get(id) ?? known(id);
      if (before === undefined) {
        after.set(id, { id, name: id, createdAt: now, ...place });
        return [];
      }
      const merged: Site = { ...before, ...place };
      const changes = changesOfSite(before, merged);
      if (changes.length > 0) after.set(id, merged);
      return known(id) === undefined ? [] : changes;
    },
    finish: (): SitePlan => {
      const added: Site[] = [];
      const changed: { after: Site; changes: readonly RowChange[] }[] = [];
      for (const [id, site] of after) {
        const before = known(id);
        if (before === undefined) added.push(site);
        else changed.push({ after: site, changes: changesOfSite(before, site) });
      }
      return { added, changed };
    },
  };
};

const changesOfSite = (before: Site, after: Site): readonly RowChange[] => {
  const earlier = new Map(statements(before));
  return statements(after).flatMap(([field, to]) => {
    const from = earlier.get(field) ?? null;
    return from === to ? [] : [{ field, from, to }];
  });
};
