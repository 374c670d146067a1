import { randomUUID } from 'node:crypto';
import {
  Conflict,
  devEui,
  deviceId,
  instant,
  Invalid,
  type Clock,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import {
  downlinkStates,
  networkFaults,
  networkNames,
  networkStates,
  networkWishes,
  type KeptDownlink,
  type NetworkChanges,
  type NetworkDevice,
  type NetworkRegister,
} from '../network-server/contract.ts';
import { toDevice, type Recorder } from './audit.ts';
import { checkedLimit } from './checks.ts';
import { isNull, number, oneOf, reading, text } from './columns.ts';
import type { Credentials } from './credentials.ts';
import type { Database } from './database.ts';
import { deviceIn } from './device-table.ts';
import type { Actor } from './audit-records.ts';
import { actorKinds, time } from './rows.ts';
import { chunks, type Tables, type Trx } from './tables.ts';
import { explaining, type Write } from './write.ts';

/** What is kept of network servers. It is read by whoever registers devices there, not by the hot path. */
export const networkTables = (database: Database, credentials: Credentials): NetworkRegister => {
  const { db } = database;
  return {
    networkDevices: (devEui) =>
      explaining(database, async () => {
        let query = db.selectFrom('network_device').selectAll().orderBy('network').orderBy('dev_eui');
        if (devEui !== undefined) query = query.where('dev_eui', '=', devEui);
        return (await query.execute()).map(networkDeviceOf);
      }),
    downlinks: ({ device, state, networks, oldestFirst = false, limit }) =>
      explaining(database, async () => {
        let query = db
          .selectFrom('downlink')
          .selectAll()
          .orderBy('created_at', oldestFirst ? 'asc' : 'desc')
          .orderBy('id');
        if (device !== undefined) query = query.where('device', '=', device);
        if (state !== undefined) query = query.where('state', '=', state);
        if (networks !== undefined) query = query.where('network', 'in', networks);
        return (await query.limit(checkedLimit(limit)).execute()).map(downlinkOf);
      }),
    downlinkCalled: (id) =>
      explaining(database, async () => {
        const row = await db
          .selectFrom('downlink')
          .selectAll()
          .where((where) => where.or([where('id', '=', id), where('remote', '=', id)]))
          .orderBy('created_at', 'desc')
          .executeTakeFirst();
        return row === undefined ? undefined : downlinkOf(row);
      }),
    printOf: credentials.ofPrint,
  };
};

interface Parts {
  readonly database: Database;
  readonly write: Write;
  readonly record: Recorder;
  readonly actor: Actor;
  readonly clock: Clock;
}

/** Changes of what is kept of network servers, each in somebody's name. */
export const networkChanges = ({ database, write, record, actor, clock }: Parts): NetworkChanges => {
  const change = <T>(work: (trx: Trx) => Promise<T>): Promise<T> =>
    explaining(database, () => database.db.transaction().execute(work));
  return {
    wantInNetwork: (wishes) =>
      change(async (trx) => {
        for (const chunk of chunks(wishes.map(networkDeviceRow)))
          await trx
            .insertInto('network_device')
            .values(chunk)
            .onConflict((conflict) =>
              conflict.columns(['network', 'dev_eui']).doUpdateSet((excluded) => ({
                device: excluded.ref('excluded.device'),
                wanted: excluded.ref('excluded.wanted'),
                state: excluded.ref('excluded.state'),
                print: excluded.ref('excluded.print'),
                remote: excluded.ref('excluded.remote'),
                reason: excluded.ref('excluded.reason'),
                detail: excluded.ref('excluded.detail'),
                attempts: excluded.ref('excluded.attempts'),
                changed_at: excluded.ref('excluded.changed_at'),
                next_at: excluded.ref('excluded.next_at'),
              })),
            )
            .execute();
      }),
    keepNetworkTry: (tried, changed) =>
      change(async (trx) => {
        const { network, dev_eui, print, wanted, ...columns } = networkDeviceRow(tried);
        const { numUpdatedRows } = await trx
          .updateTable('network_device')
          .set(columns)
          .where('network', '=', network)
          .where('dev_eui', '=', dev_eui)
          .where('print', '=', print)
          .where('wanted', '=', wanted)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        const action = tried.wanted === 'registered' ? 'network-registered' : 'network-disabled';
        if (changed) await record(trx, [toDevice(action, tried.device, { network, devEui: tried.devEui })]);
        return true;
      }),
    sendDownlink: async (device, { network, fPort, payload, confirmed }) => {
      if (!Number.isInteger(fPort) || fPort < 1 || fPort > FPORT_AT_MOST)
        throw new Invalid('downlink-invalid', `${fPort} is no port for applications: it must be 1 to ${FPORT_AT_MOST}`);
      if (payload.length === 0 || payload.length > PAYLOAD_AT_MOST)
        throw new Invalid('downlink-invalid', `a command has 1 to ${PAYLOAD_AT_MOST} bytes, not ${payload.length}`);
      const now = clock.now();
      const made = { id: randomUUID(), device, network, fPort, payload, confirmed, by: actor };
      // A revision of its own tells the server, which follows it, at once.
      return write(async (trx) => {
        const { status } = await deviceIn(trx, device);
        if (status === 'retired')
          throw new Conflict('device-retired', `${device} is retired: it is sent nothing any more`);
        const createdAt = await afterOthers(trx, device, now);
        const kept: KeptDownlink = {
          ...made,
          createdAt,
          changedAt: createdAt,
          state: 'queued',
          attempts: 0,
          nextAt: now,
        };
        await trx.insertInto('downlink').values(downlinkRow(kept)).execute();
        await forgetOldest(trx, device);
        await record(trx, [
          toDevice('downlink-queued', device, { downlink: kept.id, fPort, bytes: payload.length, confirmed }),
        ]);
        return kept;
      });
    },
    keepDownlink: (downlink, from) =>
      change(async (trx) => {
        const { id, ...columns } = downlinkRow(downlink);
        const { numUpdatedRows } = await trx
          .updateTable('downlink')
          .set(columns)
          .where('id', '=', id)
          .where('state', '=', from)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
  };
};

/** LoRaWAN 1.0.4, 4.3.2: 224 is for tests, what lies above is reserved. */
const FPORT_AT_MOST = 223;
/** LoRaWAN Regional Parameters: no data rate carries more in one frame. */
const PAYLOAD_AT_MOST = 242;
/** Commands of one device that are kept: years of settings. */
const KEPT_AT_MOST = 200;

/** Commands of one device that come in the same instant keep their order by it. */
const SAME_INSTANT_MS = 1_000;
const afterOthers = async (trx: Trx, device: string, now: Instant): Promise<Instant> => {
  const newest = await trx
    .selectFrom('downlink')
    .select('created_at')
    .where('device', '=', device)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  const at = newest?.created_at ?? 0;
  // A time further ahead was told by a clock that has been put right since.
  return at >= now && at < now + SAME_INSTANT_MS ? instant(at + 1) : now;
};

const forgetOldest = async (trx: Trx, device: string): Promise<void> => {
  const oldest = await trx
    .selectFrom('downlink')
    .select('created_at')
    .where('device', '=', device)
    .orderBy('created_at', 'desc')
    .offset(KEPT_AT_MOST)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await trx
    .deleteFrom('downlink')
    .where('device', '=', device)
    .where('created_at', '<=', oldest.created_at)
    .where('state', '!=', 'queued')
    .execute();
};

const networkDeviceRow = (one: NetworkDevice): Tables['network_device'] => ({
  network: one.network,
  dev_eui: one.devEui,
  device: one.device,
  wanted: one.wanted,
  state: one.state,
  print: one.print,
  remote: one.remote ?? null,
  reason: one.reason ?? null,
  detail: one.detail ?? null,
  attempts: one.attempts,
  changed_at: one.changedAt,
  next_at: one.nextAt ?? null,
});

const networkDeviceOf = reading('network_device', (row): NetworkDevice => ({
  network: oneOf(networkNames, text(row, 'network')),
  devEui: devEui(text(row, 'dev_eui')),
  device: deviceId(text(row, 'device')),
  wanted: oneOf(networkWishes, text(row, 'wanted')),
  state: oneOf(networkStates, text(row, 'state')),
  print: text(row, 'print'),
  ...(isNull(row, 'remote') ? {} : { remote: text(row, 'remote') }),
  ...(isNull(row, 'reason') ? {} : { reason: oneOf(networkFaults, text(row, 'reason')) }),
  ...(isNull(row, 'detail') ? {} : { detail: text(row, 'detail') }),
  attempts: number(row, 'attempts'),
  changedAt: time(row, 'changed_at'),
  ...(isNull(row, 'next_at') ? {} : { nextAt: time(row, 'next_at') }),
}));

const downlinkRow = (one: KeptDownlink): Tables['downlink'] => ({
  id: one.id,
  device: one.device,
  network: one.network,
  f_port: one.fPort,
  payload: Buffer.from(one.payload).toString('hex'),
  confirmed: one.confirmed ? 1 : 0,
  state: one.state,
  remote: one.remote ?? null,
  reason: one.reason ?? null,
  detail: one.detail ?? null,
  by_kind: one.by.kind,
  by_name: one.by.name,
  created_at: one.createdAt,
  changed_at: one.changedAt,
  attempts: one.attempts,
  next_at: one.nextAt ?? null,
});

const downlinkOf = reading('downlink', (row): KeptDownlink => ({
  id: text(row, 'id'),
  device: deviceId(text(row, 'device')),
  network: oneOf(networkNames, text(row, 'network')),
  fPort: number(row, 'f_port'),
  payload: Uint8Array.from(Buffer.from(text(row, 'payload'), 'hex')),
  confirmed: number(row, 'confirmed') === 1,
  state: oneOf(downlinkStates, text(row, 'state')),
  ...(isNull(row, 'remote') ? {} : { remote: text(row, 'remote') }),
  ...(isNull(row, 'reason') ? {} : { reason: oneOf(networkFaults, text(row, 'reason')) }),
  ...(isNull(row, 'detail') ? {} : { detail: text(row, 'detail') }),
  by: { kind: oneOf(actorKinds, text(row, 'by_kind')), name: text(row, 'by_name') },
  createdAt: time(row, 'created_at'),
  changedAt: time(row, 'changed_at'),
  attempts: number(row, 'attempts'),
  ...(isNull(row, 'next_at') ? {} : { nextAt: time(row, 'next_at') }),
}));
