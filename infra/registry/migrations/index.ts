import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../database.ts';
import { first } from './0001-first.ts';
import { lifeCycle } from './0002-life-cycle.ts';
import { heard } from './0003-heard.ts';
import { lorawanKeys } from './0004-lorawan-keys.ts';
import { radio } from './0005-radio.ts';
import { networkServers } from './0006-network-servers.ts';
import { abpCounters } from './0007-abp-counters.ts';
import { quality } from './0008-quality.ts';
import { calibrations } from './0009-calibrations.ts';
import { reprocess } from './0010-reprocess.ts';
import { accounts } from './0011-accounts.ts';
import { alertDeeds } from './0012-alert-deeds.ts';
import { postcodes } from './0013-postcodes.ts';
import { codecCases } from './0014-codec-cases.ts';

/** All migrations by name, in order. A name that has been published never changes, and neither does what it does. */
export const migrationsFor = (types: ColumnTypes): Record<string, Migration> => ({
  '0001-first': first(types),
  '0002-life-cycle': lifeCycle(),
  '0003-heard': heard(),
  '0004-lorawan-keys': lorawanKeys(),
  '0005-radio': radio(),
  '0006-network-servers': networkServers(),
  '0007-abp-counters': abpCounters(),
  '0008-quality': quality(),
  '0009-calibrations': calibrations(),
  '0010-reprocess': reprocess(),
  '0011-accounts': accounts(),
  '0012-alert-deeds': alertDeeds(),
  '0013-postcodes': postcodes(),
  '0014-codec-cases': codecCases(),
});
