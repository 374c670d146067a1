import { Conflict, NotFound, type Clock, type Instant, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { checkedSite, type Area } from './site-checks.ts';
import type { Registry } from './contract.ts';
import { siteOf, siteRow } from './rows.ts';
import { chunks, type Trx } from './tables.ts';
import type { Write } from './write.ts';

/** How sites come and change. */
export const siteChanges = ({
  write,
  record,
  clock,
  area,
}: {
  readonly write: Write;
  readonly record: Recorder;
  readonly clock: Clock;
  readonly area: Area | undefined;
}): Pick<Registry, 'addSite' | 'updateSite'> => ({
  addSite: async (input) => {
    const site = checkedSite(input, clock, area);
    await write(async (trx, revision) => {
      const taken = await trx.selectFrom('site').select('name').where('id', '=', site.id).executeTakeFirst();
      if (taken !== undefined)
        throw new Conflict('site-exists', `${site.id} is registered already: it is ${JSON.stringify(taken.name)}`);
      await trx.insertInto('site').values(siteRow(site, revision)).execute();
      await record(trx, [
        { action: 'site-added', subject: { kind: 'site', id: site.id }, detail: { name: site.name } },
      ]);
    });
    return site;
  },
  updateSite: async (id, change) =>
    write(async (trx, revision) => {
      const row = await trx.selectFrom('site').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw new NotFound('site-unknown', `there is no site ${JSON.stringify(id)}`);
      const before = siteOf(row);
      const site = { ...checkedSite({ ...before, ...change, id }, clock, area), createdAt: before.createdAt };
      const { id: _id, ...columns } = siteRow(site, revision);
      await trx.updateTable('site').set(columns).where('id', '=', id).execute();
      await record(trx, [{ action: 'site-changed', subject: { kind: 'site', id }, detail: { ...change } }]);
      return site;
    }),
});

/** Registers those that are not there yet, under their ids as names. */
export const registerSites = async (
  trx: Trx,
  { sites, now, revision }: { readonly sites: readonly SiteId[]; readonly now: Instant; readonly revision: number },
): Promise<void> => {
  for (const chunk of chunks([...new Set(sites)])) {
    const rows = chunk.map((id) => siteRow({ id, name: id, createdAt: now }, revision));
    await trx
      .insertInto('site')
      .values(rows)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
};
