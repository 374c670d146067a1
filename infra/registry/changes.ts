import type { CompiledQuery } from 'kysely';
import { number, reading } from './columns.ts';
import type { Database } from './database.ts';
import type { Changes } from './memory.ts';
import { credentialOf, deploymentOf, deviceOf, keyOf, removalOf, ruleOf, siteOf } from './rows.ts';
import type { Row } from './tables.ts';

const counterOf = reading('counter', (row) => number(row, 'value'));

/**
 * What the database has that one at this revision has not; undefined when there is nothing. From revision 0 that is
 * everything. The revision goes back only when the file was put back to an earlier state: then everything as well, and
 * `afresh` says so.
 */
export const changesSince = (
  { db, snapshot }: Database,
  revision: number,
): { readonly changes: Changes; readonly afresh: boolean } | undefined => {
  const newest = db.selectFrom('counter').selectAll().where('name', '=', 'revision').compile();
  return snapshot((rows) => {
    const now = rows(newest).map(counterOf)[0] ?? 0;
    if (now === revision) return undefined;
    const afresh = now < revision;
    const from = afresh ? 0 : revision;
    return { afresh, changes: { revision: now, ...since(db, from, rows) } };
  });
};

const since = (
  db: Database['db'],
  revision: number,
  rows: (query: CompiledQuery) => readonly Row[],
): Omit<Changes, 'revision'> => ({
  removals: rows(db.selectFrom('removal').selectAll().where('revision', '>', revision).compile()).map(removalOf),
  devices: rows(db.selectFrom('device').selectAll().where('revision', '>', revision).compile()).map(deviceOf),
  deployments: rows(
    db
      .selectFrom('deployment')
      .innerJoin('device', 'device.id', 'deployment.device')
      .selectAll('deployment')
      .where('device.revision', '>', revision)
      .orderBy('deployment.device')
      .orderBy('deployment.from_at')
      .compile(),
  ).map(deploymentOf),
  credentials: rows(
    db
      .selectFrom('credential')
      .innerJoin('device', 'device.id', 'credential.device')
      .selectAll('credential')
      .where('device.revision', '>', revision)
      .orderBy('credential.device')
      .orderBy('credential.created_at')
      .orderBy('credential.id')
      .compile(),
  ).map(credentialOf),
  sites: rows(db.selectFrom('site').selectAll().where('revision', '>', revision).compile()).map(siteOf),
  rules: rows(db.selectFrom('rule').selectAll().where('revision', '>', revision).compile()).map(ruleOf),
  keys: rows(db.selectFrom('api_key').selectAll().where('revision', '>', revision).compile()).map(keyOf),
});
