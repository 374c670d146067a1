import {
  NotFound,
  connectors,
  devEui,
  deviceId,
  quarantineReasons,
  uplinkId,
  type DeviceRef,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import { checkedLimit } from './checks.ts';
import { bytes, isNull, number, oneOf, reading, text } from './columns.ts';
import {
  QUARANTINE_AT_MOST,
  type Claim,
  type Quarantined,
  type QuarantineTally,
  type Registry,
  type Unregistered,
  type Waiting,
} from './contract.ts';
import type { Database } from './database.ts';
import { frameOf } from './frame.ts';
import { time } from './rows.ts';
import { chunks, type Row, type Tables, type Trx } from './tables.ts';
import { explaining, takeNumbers } from './write.ts';

type Quarantine = Pick<
  Registry,
  | 'quarantine'
  | 'quarantined'
  | 'release'
  | 'quarantineCount'
  | 'quarantineCounts'
  | 'waiting'
  | 'claims'
  | 'unregistered'
>;

/**
 * Uplinks that wait for somebody to mend what was wrong; not kept in memory. Numbers rise in order of arrival and are
 * never used again.
 */
export const quarantineOf = (database: Database): Quarantine => {
  const { db } = database;
  return {
    quarantine: async (refusals) => {
      if (refusals.length === 0) return { dropped: 0 };
      return explaining(database, () => db.transaction().execute(async (trx) => keep(trx, refusals)));
    },
    quarantined: async ({ reason, device, limit, before }) => {
      let query = db.selectFrom('quarantine').selectAll().orderBy('id', 'desc').limit(checkedLimit(limit));
      if (reason !== undefined) query = query.where('reason', '=', reason);
      if (device !== undefined) query = query.where('device', '=', device.value).where('device_by', '=', device.by);
      if (before !== undefined) query = query.where('id', '<', before);
      return (await explaining(database, () => query.execute())).map(quarantinedOf);
    },
    release: async (id) => {
      // One that damage made unreadable stays where it is: reading comes before the commit.
      const released = await explaining(database, () =>
        db.transaction().execute(async (trx) => {
          const row = await trx.deleteFrom('quarantine').where('id', '=', id).returningAll().executeTakeFirst();
          return row === undefined ? undefined : quarantinedOf(row);
        }),
      );
      if (released === undefined)
        throw new NotFound(
          'quarantine-unknown',
          `there is no number ${id} in the quarantine: it was released, or dropped as one of the oldest`,
        );
      return released;
    },
    waiting: async (reasons) => {
      if (reasons.length === 0) return [];
      const query = db
        .selectFrom('quarantine')
        .select(['reason', 'device_by', 'device'])
        .distinct()
        .where('reason', 'in', reasons)
        .orderBy('device');
      return (await explaining(database, () => query.execute())).map(waitingOf);
    },
    claims: async () => {
      const query = db
        .selectFrom('quarantine')
        .select(({ fn }) => [
          'via',
          'device',
          fn.countAll().as('uplinks'),
          fn.min('received_at').as('first_at'),
          fn.max('received_at').as('last_at'),
        ])
        .where('reason', '=', 'device-unknown')
        .where('via', 'is not', null)
        .groupBy(['via', 'device'])
        .orderBy('last_at', 'desc')
        .limit(CLAIMS_AT_MOST);
      return (await explaining(database, () => query.execute())).map(claimOf);
    },
    unregistered: async () => {
      const query = db
        .selectFrom('quarantine')
        .select(({ fn }) => [
          'device',
          fn.countAll().as('uplinks'),
          fn.min('received_at').as('first_at'),
          fn.max('received_at').as('last_at'),
        ])
        .where('reason', '=', 'device-unknown')
        .where('device_by', '=', 'devEui')
        .groupBy('device')
        .orderBy('last_at', 'desc')
        .orderBy('device')
        .limit(CLAIMS_AT_MOST);
      return (await explaining(database, () => query.execute())).map(unregisteredOf);
    },
    quarantineCount: async () => {
      const { count } = await explaining(database, () =>
        db
          .selectFrom('quarantine')
          .select(({ fn }) => fn.countAll().as('count'))
          .executeTakeFirstOrThrow(),
      );
      return Number(count);
    },
    quarantineCounts: async () => {
      const query = db
        .selectFrom('quarantine')
        .select(({ fn }) => ['reason', fn.countAll().as('uplinks')])
        .groupBy('reason')
        .orderBy('uplinks', 'desc')
        .orderBy('reason');
      return (await explaining(database, () => query.execute())).map(tallyOf);
    },
  };
};

/** What a person can look through; a gateway that invents more names than that is a fault of its own. */
const CLAIMS_AT_MOST = 1_000;

const waitingOf = reading('quarantine', (row): Waiting => ({
  reason: oneOf(quarantineReasons, text(row, 'reason')),
  device: refOf(text(row, 'device_by'), text(row, 'device')),
}));

const claimOf = reading('quarantine', (row): Claim => ({
  via: deviceId(text(row, 'via')),
  device: deviceId(text(row, 'device')),
  uplinks: number(row, 'uplinks'),
  firstAt: time(row, 'first_at'),
  lastAt: time(row, 'last_at'),
}));

const tallyOf = reading('quarantine', (row): QuarantineTally => ({
  reason: oneOf(quarantineReasons, text(row, 'reason')),
  uplinks: number(row, 'uplinks'),
}));

const unregisteredOf = reading('quarantine', (row): Unregistered => ({
  devEui: devEui(text(row, 'device')),
  uplinks: number(row, 'uplinks'),
  firstAt: time(row, 'first_at'),
  lastAt: time(row, 'last_at'),
}));

const keep = async (trx: Trx, refusals: readonly Omit<Quarantined, 'id'>[]): Promise<{ readonly dropped: number }> => {
  const last = await takeNumbers(trx, 'quarantine', refusals.length);
  // One INSERT may not speak of a row twice.
  const rows = new Map<string, Tables['quarantine']>();
  refusals.forEach((refusal, index) => {
    const { id, receivedAt } = refusal.uplink;
    rows.set(`${id} ${receivedAt}`, rowOf(refusal, last - refusals.length + 1 + index));
  });
  for (const chunk of chunks([...rows.values()])) {
    await trx
      .insertInto('quarantine')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['uplink_id', 'received_at']).doUpdateSet((excluded) => ({
          reason: excluded.ref('excluded.reason'),
          detail: excluded.ref('excluded.detail'),
        })),
      )
      .execute();
  }
  const newestTooMany = await trx
    .selectFrom('quarantine')
    .select('id')
    .orderBy('id', 'desc')
    .offset(QUARANTINE_AT_MOST)
    .limit(1)
    .executeTakeFirst();
  if (newestTooMany === undefined) return { dropped: 0 };
  const { numDeletedRows } = await trx.deleteFrom('quarantine').where('id', '<=', newestTooMany.id).executeTakeFirst();
  return { dropped: Number(numDeletedRows) };
};

const rowOf = ({ uplink, reason, detail, at }: Omit<Quarantined, 'id'>, id: number): Tables['quarantine'] => ({
  id,
  uplink_id: uplink.id,
  received_at: uplink.receivedAt,
  redelivered: uplink.redelivered ? 1 : 0,
  connector: uplink.connector,
  device_by: uplink.device.by,
  device: uplink.device.value,
  sent_at: uplink.sentAt ?? null,
  payload: uplink.payload,
  lorawan: uplink.lorawan === undefined ? null : JSON.stringify(uplink.lorawan),
  via: uplink.via ?? null,
  reason,
  detail,
  at,
});

const quarantinedOf = reading('quarantine', (row): Quarantined => ({
  id: number(row, 'id'),
  uplink: uplinkOf(row),
  reason: oneOf(quarantineReasons, text(row, 'reason')),
  detail: text(row, 'detail'),
  at: time(row, 'at'),
}));

const uplinkOf = (row: Row): Uplink => ({
  id: uplinkId(text(row, 'uplink_id')),
  redelivered: number(row, 'redelivered') === 1,
  connector: oneOf(connectors, text(row, 'connector')),
  device: refOf(text(row, 'device_by'), text(row, 'device')),
  receivedAt: time(row, 'received_at'),
  ...(isNull(row, 'sent_at') ? {} : { sentAt: time(row, 'sent_at') }),
  payload: bytes(row, 'payload'),
  ...(isNull(row, 'lorawan') ? {} : { lorawan: frameOf(text(row, 'lorawan')) }),
  ...(isNull(row, 'via') ? {} : { via: deviceId(text(row, 'via')) }),
});

const refOf = (by: string, value: string): DeviceRef =>
  oneOf(['id', 'devEui'] as const, by) === 'id'
    ? { by: 'id', value: deviceId(value) }
    : { by: 'devEui', value: devEui(value) };
