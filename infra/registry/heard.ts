import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { connectors, deviceId, instant, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import {
  routeKinds,
  spreadNames,
  type HeardDay,
  type HeardDevice,
  type Listened,
  type Spread,
  type SpreadName,
} from '../heard/contract.ts';
import { addDays } from '../heard/day.ts';
import { isNull, number, oneOf, reading, text } from './columns.ts';
import type { HeardPart, Registry } from './contract.ts';
import type { Database } from './database.ts';
import { time } from './rows.ts';
import { chunks, type Tables, type Trx } from './tables.ts';
import { explaining } from './write.ts';

type HeardTables = Pick<Registry, 'heard' | 'heardDays' | 'keepHeard' | 'heardAnew'>;

/** The name of the setting that holds the place up to which all is kept. */
const PLACE = 'heard';
/** Beginnings of listening that are kept: one a start of the server, years of them. */
const LISTENED_AT_MOST = 1_000;

/** How devices are heard; not kept in the registry's memory, because whoever counts keeps it in his own. */
export const heardTables = (database: Database): HeardTables => {
  const { db } = database;
  return {
    heard: () =>
      explaining(database, async () => {
        const devices = await db.selectFrom('heard').selectAll().orderBy('device').execute();
        const listened = await db.selectFrom('listened').selectAll().orderBy('from_at').execute();
        const place = await db.selectFrom('setting').select('value').where('name', '=', PLACE).executeTakeFirst();
        return {
          devices: devices.map(heardOf),
          listened: listened.map(listenedOf),
          ...(place === undefined ? {} : { seq: Number(place.value) }),
        };
      }),
    heardDays: ({ devices, from }) =>
      explaining(database, async () => {
        const found: HeardDay[] = [];
        for (const ids of chunks(devices)) {
          const rows = await db
            .selectFrom('heard_day')
            .selectAll()
            .where('device', 'in', ids)
            .where('day', '>=', from)
            .execute();
          for (const row of rows) found.push(dayOf(row));
        }
        return found.sort((a, b) => a.day - b.day || (a.device < b.device ? -1 : 1));
      }),
    // What a power cut undoes is counted again from the journal.
    keepHeard: (part) => explaining(database, () => database.hasty((trx) => keep(trx, part))),
    heardAnew: () =>
      explaining(database, () =>
        db.transaction().execute(async (trx) => {
          await trx.updateTable('heard').set({ seq: 0 }).execute();
          await trx.deleteFrom('setting').where('name', '=', PLACE).execute();
        }),
      ),
  };
};

const keep = async (trx: Trx, { devices, days, complete }: HeardPart): Promise<void> => {
  const wanted = await newer(trx, devices);
  for (const chunk of chunks(devices.filter(({ device }) => wanted.has(device)))) {
    await trx
      .insertInto('heard')
      .values(chunk.map(heardRow))
      .onConflict((conflict) =>
        conflict.column('device').doUpdateSet((excluded) => ({
          seq: excluded.ref('excluded.seq'),
          heard_at: excluded.ref('excluded.heard_at'),
          about_at: excluded.ref('excluded.about_at'),
          connector: excluded.ref('excluded.connector'),
          routes: excluded.ref('excluded.routes'),
          frames: excluded.ref('excluded.frames'),
        })),
      )
      .execute();
  }
  await addAll(
    trx,
    days.filter(({ device }) => wanted.has(device)),
  );
  if (complete !== undefined) await keepComplete(trx, complete);
};

/** Which of them are registered, and not yet kept up to their place. */
const newer = async (trx: Trx, devices: readonly HeardDevice[]): Promise<ReadonlySet<DeviceId>> => {
  const wanted = new Set<DeviceId>();
  for (const chunk of chunks(devices)) {
    const rows = await trx
      .selectFrom('device')
      .leftJoin('heard', 'heard.device', 'device.id')
      .select(['device.id', 'heard.seq'])
      .where(
        'device.id',
        'in',
        chunk.map(({ device }) => device),
      )
      .execute();
    const places = new Map(rows.map(({ id, seq }) => [id, seq ?? -1]));
    for (const { device, seq } of chunk) if (seq > (places.get(device) ?? Infinity)) wanted.add(device);
  }
  return wanted;
};

/** Adds days to what is there. */
const addAll = async (trx: Trx, days: readonly HeardDay[]): Promise<void> => {
  for (const [day, parts] of Map.groupBy(days, (one) => one.day)) {
    for (const chunk of chunks(parts)) {
      const rows = await trx
        .selectFrom('heard_day')
        .selectAll()
        .where('day', '=', day)
        .where(
          'device',
          'in',
          chunk.map(({ device }) => device),
        )
        .execute();
      const sums = new Map(rows.map((row) => [row.device, dayOf(row)]));
      for (const part of chunk) {
        const before = sums.get(part.device);
        sums.set(part.device, before === undefined ? part : addDays(before, part));
      }
      await trx
        .insertInto('heard_day')
        .values([...sums.values()].map(dayRow))
        .onConflict((conflict) =>
          conflict.columns(['day', 'device']).doUpdateSet((excluded) => ({
            uplinks: excluded.ref('excluded.uplinks'),
            frames_missed: excluded.ref('excluded.frames_missed'),
            hours: excluded.ref('excluded.hours'),
            spreads: excluded.ref('excluded.spreads'),
          })),
        )
        .execute();
    }
  }
};

const keepComplete = async (
  trx: Trx,
  { seq, listened, daysFrom }: NonNullable<HeardPart['complete']>,
): Promise<void> => {
  await trx
    .insertInto('setting')
    .values({ name: PLACE, value: String(seq) })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: String(seq) }))
    .execute();
  for (const { from, to } of listened)
    await trx
      .insertInto('listened')
      .values({ from_at: from, to_at: to })
      .onConflict((conflict) => conflict.column('from_at').doUpdateSet({ to_at: to }))
      .execute();
  const tooOld = await trx
    .selectFrom('listened')
    .select('from_at')
    .orderBy('from_at', 'desc')
    .offset(LISTENED_AT_MOST)
    .limit(1)
    .executeTakeFirst();
  if (tooOld !== undefined) await trx.deleteFrom('listened').where('from_at', '<=', tooOld.from_at).execute();
  await trx.deleteFrom('heard_day').where('day', '<', daysFrom).execute();
};

const heardRow = ({ device, seq, heardAt, aboutAt, connector, routes, frames }: HeardDevice): Tables['heard'] => ({
  device,
  seq,
  heard_at: heardAt,
  about_at: aboutAt ?? null,
  connector,
  routes: JSON.stringify(routes.map(({ kind, name, at }) => [kind, name, at])),
  frames: frames === undefined ? null : JSON.stringify(frames),
});

// Compiled: a fleet's month is 300,000 rows, and the interpreter takes 200 us for each.
const routesShape = Compile(Type.Array(Type.Tuple([Type.Enum([...routeKinds]), Type.String(), Type.Integer()])));
const framesShape = Compile(
  Type.Object({
    session: Type.String(),
    highest: Type.Integer(),
    missing: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])),
  }),
);

const heardOf = reading('heard', (row): HeardDevice => ({
  device: deviceId(text(row, 'device')),
  seq: number(row, 'seq'),
  heardAt: time(row, 'heard_at'),
  ...(isNull(row, 'about_at') ? {} : { aboutAt: time(row, 'about_at') }),
  connector: oneOf(connectors, text(row, 'connector')),
  routes: routesShape.Parse(JSON.parse(text(row, 'routes'))).map(([kind, name, at]) => ({
    kind,
    name,
    at: instant(at),
  })),
  ...(isNull(row, 'frames') ? {} : { frames: framesShape.Parse(JSON.parse(text(row, 'frames'))) }),
}));

const dayRow = ({ device, day, uplinks, framesMissed, hours, spreads }: HeardDay): Tables['heard_day'] => ({
  day,
  device,
  uplinks,
  frames_missed: framesMissed,
  hours: JSON.stringify(hours),
  spreads: JSON.stringify(
    Object.fromEntries(Object.entries(spreads).map(([name, { n, sum, min }]) => [name, [n, sum, min]])),
  ),
});

const hoursShape = Compile(Type.Array(Type.Integer(), { minItems: 24, maxItems: 24 }));
const spreadShape = Type.Optional(Type.Tuple([Type.Number(), Type.Number(), Type.Number()]));
const spreadsShape = Compile(
  Type.Object({ rssi: spreadShape, snr: spreadShape, voltage: spreadShape, level: spreadShape, strength: spreadShape }),
);

const dayOf = reading('heard_day', (row): HeardDay => ({
  device: deviceId(text(row, 'device')),
  day: number(row, 'day'),
  uplinks: number(row, 'uplinks'),
  framesMissed: number(row, 'frames_missed'),
  hours: hoursShape.Parse(JSON.parse(text(row, 'hours'))),
  spreads: spreadsOf(text(row, 'spreads')),
}));

const spreadsOf = (json: string): HeardDay['spreads'] => {
  const found = spreadsShape.Parse(JSON.parse(json));
  const spreads: Partial<Record<SpreadName, Spread>> = {};
  for (const name of spreadNames) {
    const [n, sum, min] = found[name] ?? [];
    if (n !== undefined && sum !== undefined && min !== undefined) spreads[name] = { n, sum, min };
  }
  return spreads;
};

const listenedOf = reading('listened', (row): Listened => ({ from: time(row, 'from_at'), to: time(row, 'to_at') }));
