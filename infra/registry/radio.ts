import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { connectors, devEui, deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import {
  EVENTS_A_DEVICE,
  networkEventKinds,
  type GatewayDay,
  type GatewayKept,
  type LinkKept,
  type NumberedEvent,
  type RadioPart,
} from '../radio/contract.ts';
import { areLinkDays } from '../radio/link-days.ts';
import { isNull, number, oneOf, reading, text } from './columns.ts';
import type { Registry } from './contract.ts';
import type { Database } from './database.ts';
import { time } from './rows.ts';
import { chunks, type Tables, type Trx } from './tables.ts';
import { explaining } from './write.ts';

/** The radio network; not kept in the registry's memory, because whoever counts keeps it in his own. */
export const radioTables = (database: Database): Pick<Registry, 'radio' | 'keepRadio' | 'radioEvents'> => {
  const { db } = database;
  return {
    radio: () =>
      explaining(database, async () => {
        const gateways = await db.selectFrom('radio_gateway').selectAll().orderBy('gateway').execute();
        const days = await db.selectFrom('radio_gateway_day').selectAll().execute();
        const links = await db.selectFrom('radio_link').selectAll().execute();
        const numbers = await db
          .selectFrom('radio_event')
          .select(({ fn }) => ['dev_eui', fn.max('number').as('number')])
          .groupBy('dev_eui')
          .execute();
        return {
          gateways: gateways.map(gatewayOf),
          days: days.map(dayOf),
          links: links.map(linkOf),
          eventNumbers: new Map(numbers.map((row) => [devEui(row.dev_eui), row.number])),
        };
      }),
    // The newest half minute of statistics: what a power cut undoes of it is not worth a wait for the disk.
    keepRadio: (part) => explaining(database, () => database.hasty((trx) => keep(trx, part))),
    radioEvents: (eui) =>
      explaining(database, async () =>
        (await db.selectFrom('radio_event').selectAll().where('dev_eui', '=', eui).execute()).map(eventOf),
      ),
  };
};

const keep = async (trx: Trx, part: RadioPart): Promise<void> => {
  const { gateways = [], days = [], links = [], events = [], eventsGone = [], gone } = part;
  if (gone !== undefined) await remove(trx, gone);
  for (const ids of chunks(eventsGone)) await trx.deleteFrom('radio_event').where('dev_eui', 'in', ids).execute();
  for (const chunk of chunks(gateways.map(gatewayRow)))
    await trx
      .insertInto('radio_gateway')
      .values(chunk)
      .onConflict((conflict) =>
        conflict
          .column('gateway')
          .doUpdateSet((excluded) => ({ seq: excluded.ref('excluded.seq'), facts: excluded.ref('excluded.facts') })),
      )
      .execute();
  for (const chunk of chunks(days.map(dayRow)))
    await trx
      .insertInto('radio_gateway_day')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['day', 'gateway', 'connector']).doUpdateSet((excluded) => ({
          received: excluded.ref('excluded.received'),
          received_ok: excluded.ref('excluded.received_ok'),
          forwarded: excluded.ref('excluded.forwarded'),
          downlinks: excluded.ref('excluded.downlinks'),
          emitted: excluded.ref('excluded.emitted'),
          frames: excluded.ref('excluded.frames'),
          frames_bad: excluded.ref('excluded.frames_bad'),
          uplinks: excluded.ref('excluded.uplinks'),
        })),
      )
      .execute();
  for (const chunk of chunks(links.map(linkRow)))
    await trx
      .insertInto('radio_link')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['device', 'gateway']).doUpdateSet((excluded) => ({
          seq: excluded.ref('excluded.seq'),
          heard_at: excluded.ref('excluded.heard_at'),
          days: excluded.ref('excluded.days'),
        })),
      )
      .execute();
  for (const chunk of chunks(events.map(eventRow)))
    await trx
      .insertInto('radio_event')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['dev_eui', 'place']).doUpdateSet((excluded) => ({
          number: excluded.ref('excluded.number'),
          event: excluded.ref('excluded.event'),
        })),
      )
      .execute();
};

const remove = async (trx: Trx, gone: NonNullable<RadioPart['gone']>): Promise<void> => {
  const { gateways, links, devices, daysBefore } = gone;
  for (const ids of chunks(gateways)) {
    await trx.deleteFrom('radio_gateway').where('gateway', 'in', ids).execute();
    await trx.deleteFrom('radio_gateway_day').where('gateway', 'in', ids).execute();
  }
  for (const { device, gateway } of links)
    await trx.deleteFrom('radio_link').where('device', '=', device).where('gateway', '=', gateway).execute();
  for (const ids of chunks(devices)) await trx.deleteFrom('radio_link').where('device', 'in', ids).execute();
  await trx.deleteFrom('radio_gateway_day').where('day', '<', daysBefore).execute();
};

const whole = Type.Optional(Type.Integer());
const real = Type.Optional(Type.Number());
// Compiled: thirty thousand links are read at each start.
const factsShape = Compile(
  Type.Object({
    connector: Type.Enum([...connectors]),
    name: Type.Optional(Type.String()),
    position: Type.Optional(
      Type.Object({ latitude: Type.Number(), longitude: Type.Number(), altitude: Type.Optional(Type.Number()) }),
    ),
    firstAt: Type.Integer(),
    heardAt: whole,
    spokeAt: whole,
    radioAt: whole,
    uplinkAt: whole,
    statsAt: whole,
    connection: Type.Optional(Type.Object({ online: Type.Boolean(), at: Type.Integer() })),
    statsEveryMs: real,
    trafficEveryMs: real,
    temperature: real,
    acknowledged: real,
  }),
);

const gatewayRow = ({ gateway, seq, ...facts }: GatewayKept): Tables['radio_gateway'] => ({
  gateway,
  seq,
  facts: JSON.stringify(facts),
});

const gatewayOf = reading('radio_gateway', (row): GatewayKept => {
  const { firstAt, connection, heardAt, spokeAt, radioAt, uplinkAt, statsAt, ...facts } = factsShape.Parse(
    JSON.parse(text(row, 'facts')),
  );
  return {
    gateway: text(row, 'gateway'),
    seq: number(row, 'seq'),
    ...facts,
    firstAt: instant(firstAt),
    ...(heardAt === undefined ? {} : { heardAt: instant(heardAt) }),
    ...(spokeAt === undefined ? {} : { spokeAt: instant(spokeAt) }),
    ...(radioAt === undefined ? {} : { radioAt: instant(radioAt) }),
    ...(uplinkAt === undefined ? {} : { uplinkAt: instant(uplinkAt) }),
    ...(statsAt === undefined ? {} : { statsAt: instant(statsAt) }),
    ...(connection === undefined ? {} : { connection: { online: connection.online, at: instant(connection.at) } }),
  };
});

const dayRow = (day: GatewayDay): Tables['radio_gateway_day'] => ({
  day: day.day,
  gateway: day.gateway,
  connector: day.connector,
  received: day.received ?? null,
  received_ok: day.receivedOk ?? null,
  forwarded: day.forwarded ?? null,
  downlinks: day.downlinks ?? null,
  emitted: day.emitted ?? null,
  frames: day.frames,
  frames_bad: day.framesBad,
  uplinks: day.uplinks,
});

const dayOf = reading('radio_gateway_day', (row): GatewayDay => {
  const said = (column: string): number | undefined => (isNull(row, column) ? undefined : number(row, column));
  return {
    day: number(row, 'day'),
    gateway: text(row, 'gateway'),
    connector: oneOf(connectors, text(row, 'connector')),
    received: said('received'),
    receivedOk: said('received_ok'),
    forwarded: said('forwarded'),
    downlinks: said('downlinks'),
    emitted: said('emitted'),
    frames: number(row, 'frames'),
    framesBad: number(row, 'frames_bad'),
    uplinks: number(row, 'uplinks'),
  };
});

const linkRow = ({ device, gateway, seq, heardAt, days }: LinkKept): Tables['radio_link'] => ({
  device,
  gateway,
  seq,
  heard_at: heardAt,
  days: JSON.stringify(days),
});

const daysShape = Compile(Type.Array(Type.Number()));

const linkOf = reading('radio_link', (row): LinkKept => {
  const days = daysShape.Parse(JSON.parse(text(row, 'days')));
  if (!areLinkDays(days)) throw new TypeError('days are not those of a link');
  return {
    device: deviceId(text(row, 'device')),
    gateway: text(row, 'gateway'),
    seq: number(row, 'seq'),
    heardAt: time(row, 'heard_at'),
    days,
  };
});

const eventShape = Compile(
  Type.Object({
    kind: Type.Enum([...networkEventKinds]),
    connector: Type.Enum([...connectors]),
    at: Type.Integer(),
    level: Type.Enum(['info', 'warning', 'error']),
    code: Type.Optional(Type.String()),
    text: Type.String(),
    detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    downlink: Type.Optional(Type.String()),
  }),
);

const eventRow = ({ number: which, event: { devEui: eui, ...event } }: NumberedEvent): Tables['radio_event'] => ({
  dev_eui: eui,
  place: which % EVENTS_A_DEVICE,
  number: which,
  event: JSON.stringify(event),
});

const eventOf = reading('radio_event', (row): NumberedEvent => {
  const { at, ...event } = eventShape.Parse(JSON.parse(text(row, 'event')));
  return { number: number(row, 'number'), event: { ...event, devEui: devEui(text(row, 'dev_eui')), at: instant(at) } };
});
