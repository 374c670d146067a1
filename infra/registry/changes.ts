import type { CompiledQuery } from 'kysely';
import { calibrationOf } from './calibration-row.ts';
import { number, reading } from './columns.ts';
import type { Database } from './database.ts';
import type { Changes } from './memory.ts';
import {
  credentialOf,
  deploymentOf,
  deviceOf,
  keyOf,
  lorawanKeysOf,
  namedGatewayOf,
  removalOf,
  ruleOf,
  siteOf,
} from './rows.ts';
import { qualityOf } from './quality.ts';
import type { Row } from './tables.ts';

const counterOf = reading('counter', (row) => number(row, 'value'));

/** What one has not who is at an earlier revision. */
export interface News {
  readonly changes: Changes;
  /** Everything, because the file was put back to an earlier state. */
  readonly afresh: boolean;
  /** There is more beyond. */
  readonly more: boolean;
}

/**
 * What the database has that one at this revision has not, of so many revisions at most; undefined when there is
 * nothing. From revision 0 that is everything. The revision goes back only when the file was put back to an earlier
 * state: then everything as well.
 */
export const changesSince = ({ db, snapshot }: Database, revision: number, atMost = Infinity): News | undefined => {
  const newest = db.selectFrom('counter').selectAll().where('name', '=', 'revision').compile();
  return snapshot((rows) => {
    const now = rows(newest).map(counterOf)[0] ?? 0;
    if (now === revision) return undefined;
    const afresh = now < revision;
    const from = afresh ? 0 : revision;
    const upTo = from === 0 ? now : Math.min(now, from + atMost);
    return { afresh, more: upTo < now, changes: { revision: upTo, ...between(db, { from, upTo }, rows) } };
  });
};

const between = (
  db: Database['db'],
  { from, upTo }: { readonly from: number; readonly upTo: number },
  rows: (query: CompiledQuery) => readonly Row[],
): Omit<Changes, 'revision'> => ({
  removals: rows(
    db.selectFrom('removal').selectAll().where('revision', '>', from).where('revision', '<=', upTo).compile(),
  ).map(removalOf),
  devices: rows(
    db.selectFrom('device').selectAll().where('revision', '>', from).where('revision', '<=', upTo).compile(),
  ).map(deviceOf),
  deployments: rows(
    db
      .selectFrom('deployment')
      .innerJoin('device', 'device.id', 'deployment.device')
      .selectAll('deployment')
      .where('device.revision', '>', from)
      .where('device.revision', '<=', upTo)
      .orderBy('deployment.device')
      .orderBy('deployment.from_at')
      .compile(),
  ).map(deploymentOf),
  credentials: rows(
    db
      .selectFrom('credential')
      .innerJoin('device', 'device.id', 'credential.device')
      .selectAll('credential')
      .where('device.revision', '>', from)
      .where('device.revision', '<=', upTo)
      .orderBy('credential.device')
      .orderBy('credential.created_at')
      .orderBy('credential.id')
      .compile(),
  ).map(credentialOf),
  lorawanKeys: rows(
    db
      .selectFrom('lorawan_keys')
      .innerJoin('device', 'device.id', 'lorawan_keys.device')
      .selectAll('lorawan_keys')
      .where('device.revision', '>', from)
      .where('device.revision', '<=', upTo)
      .compile(),
  ).map(lorawanKeysOf),
  calibrations: rows(
    db
      .selectFrom('calibration')
      .innerJoin('device', 'device.id', 'calibration.device')
      .selectAll('calibration')
      .where('device.revision', '>', from)
      .where('device.revision', '<=', upTo)
      .orderBy('calibration.device')
      .orderBy('calibration.quantity')
      .orderBy('calibration.version')
      .compile(),
  ).map(calibrationOf),
  sites: rows(
    db.selectFrom('site').selectAll().where('revision', '>', from).where('revision', '<=', upTo).compile(),
  ).map(siteOf),
  rules: rows(
    db.selectFrom('rule').selectAll().where('revision', '>', from).where('revision', '<=', upTo).compile(),
  ).map(ruleOf),
  keys: rows(
    db.selectFrom('api_key').selectAll().where('revision', '>', from).where('revision', '<=', upTo).compile(),
  ).map(keyOf),
  namedGateways: rows(
    db.selectFrom('named_gateway').selectAll().where('revision', '>', from).where('revision', '<=', upTo).compile(),
  ).map(namedGatewayOf),
  quality: rows(
    db.selectFrom('quality').selectAll().where('revision', '>', from).where('revision', '<=', upTo).compile(),
  ).map(qualityOf),
});
