import type { ExpressionBuilder, OnConflictDatabase, OnConflictTables } from 'kysely';
import { Invalid, alertId, deviceId, quantityId, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import { checkedLimit } from './checks.ts';
import { isNull, number, oneOf, reading, text } from './columns.ts';
import { alertEndings, alertStates, severities, type Alert, type AlertQuery, type Registry } from './contract.ts';
import type { Database } from './database.ts';
import { conditionOf, conditionText } from './rule-condition.ts';
import { actorKinds, time } from './rows.ts';
import { chunks, type Tables } from './tables.ts';
import { explaining } from './write.ts';

/** Alerts, newest beginning first; not kept in memory. */
export const alertLog = (database: Database): Pick<Registry, 'alerts' | 'alert' | 'saveAlerts'> => ({
  alerts: async ({ limit, before, ...which }) => {
    const most = checkedLimit(limit);
    const last = before === undefined ? undefined : placeOf(before);
    let query = filtered(withAcknowledged(database), which);
    if (last !== undefined) {
      const { startedAt, id } = last;
      query = query.where((where) =>
        where.or([
          where('started_at', '<', startedAt),
          where.and([where('started_at', '=', startedAt), where('id', '<', id)]),
        ]),
      );
    }
    // One more than asked for tells whether there is a next page.
    const rows = await explaining(database, () =>
      query
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(most + 1)
        .execute(),
    );
    const alerts = rows.slice(0, most).map(alertOf);
    const end = alerts.at(-1);
    return { alerts, ...(rows.length > most && end !== undefined ? { next: cursorOf(end) } : {}) };
  },
  alert: (id) =>
    explaining(database, async () => {
      const row = await withAcknowledged(database).where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : alertOf(row);
    }),
  saveAlerts: async (alerts) => {
    // The last word on an alert counts: one INSERT may not speak of a row twice.
    const rows = [...new Map(alerts.map((alert) => [alert.id, alertRow(alert)])).values()];
    if (rows.length === 0) return;
    await explaining(database, () =>
      database.db.transaction().execute(async (trx) => {
        for (const chunk of chunks(rows)) {
          await trx
            .insertInto('alert')
            .values(chunk)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(replaced))
            .execute();
        }
      }),
    );
  },
});

/** Alerts, each with who acknowledged it. */
const withAcknowledged = ({ db }: Database) =>
  db
    .selectFrom('alert')
    .leftJoin(
      (from) =>
        from
          .selectFrom('alert_deed')
          .select(['alert', 'at as taken_at', 'actor_kind as taken_kind', 'actor as taken_by'])
          .where('kind', '=', 'acknowledged')
          .as('taken'),
      (join) => join.onRef('taken.alert', '=', 'alert.id'),
    )
    .selectAll('alert')
    .select(['taken_at', 'taken_kind', 'taken_by']);

type AlertRows = ReturnType<typeof withAcknowledged>;

const filtered = (
  all: AlertRows,
  { state, site, device, quantity, rule, since }: Omit<AlertQuery, 'limit' | 'before'>,
): AlertRows => {
  let query = all;
  if (state === 'open' || state === 'acknowledged') query = query.where('state', 'in', ['pending', 'firing']);
  else if (state !== undefined) query = query.where('state', '=', state);
  if (state === 'acknowledged') query = query.where('taken_at', 'is not', null);
  if (site !== undefined) query = query.where('site', '=', site);
  if (device !== undefined) query = query.where('device', '=', device);
  if (quantity !== undefined) query = query.where('quantity', '=', quantity);
  if (rule !== undefined) query = query.where('rule', '=', rule);
  if (since !== undefined) query = query.where('started_at', '>=', since);
  return query;
};

/** Every column as the INSERT would have had it. */
const replaced = (excluded: ExpressionBuilder<OnConflictDatabase<Tables, 'alert'>, OnConflictTables<'alert'>>) => ({
  rule: excluded.ref('excluded.rule'),
  rule_name: excluded.ref('excluded.rule_name'),
  severity: excluded.ref('excluded.severity'),
  device: excluded.ref('excluded.device'),
  site: excluded.ref('excluded.site'),
  quantity: excluded.ref('excluded.quantity'),
  state: excluded.ref('excluded.state'),
  started_at: excluded.ref('excluded.started_at'),
  fired_at: excluded.ref('excluded.fired_at'),
  resolved_at: excluded.ref('excluded.resolved_at'),
  value: excluded.ref('excluded.value'),
  value_at: excluded.ref('excluded.value_at'),
  worst: excluded.ref('excluded.worst'),
  threshold: excluded.ref('excluded.threshold'),
  asked: excluded.ref('excluded.asked'),
  ending: excluded.ref('excluded.ending'),
});

const cursorOf = ({ startedAt, id }: Alert): string => `${startedAt}~${id}`;

/** @throws Invalid (`cursor-invalid`). */
const placeOf = (cursor: string) => {
  const [, startedAt, id] = /^(-?\d{1,16})~([A-Za-z0-9._-]{1,64})$/.exec(cursor) ?? [];
  if (startedAt === undefined || id === undefined)
    throw new Invalid('cursor-invalid', 'this cursor is not one that an earlier page gave');
  return { startedAt: Number(startedAt), id };
};

const alertRow = (alert: Alert): Tables['alert'] => ({
  id: alert.id,
  rule: alert.rule,
  rule_name: alert.ruleName,
  severity: alert.severity,
  device: alert.device,
  site: alert.site,
  quantity: alert.quantity,
  state: alert.state,
  started_at: alert.startedAt,
  fired_at: alert.firedAt ?? null,
  resolved_at: alert.resolvedAt ?? null,
  value: alert.value,
  value_at: alert.valueAt,
  worst: alert.worst,
  threshold: alert.threshold,
  asked: alert.asked === undefined ? null : conditionText(alert.asked),
  ending: alert.ending ?? null,
});

const alertOf = reading('alert', (row): Alert => ({
  id: alertId(text(row, 'id')),
  rule: ruleId(text(row, 'rule')),
  ruleName: text(row, 'rule_name'),
  severity: oneOf(severities, text(row, 'severity')),
  device: deviceId(text(row, 'device')),
  site: isNull(row, 'site') ? null : siteId(text(row, 'site')),
  quantity: quantityId(text(row, 'quantity')),
  state: oneOf(alertStates, text(row, 'state')),
  startedAt: time(row, 'started_at'),
  ...(isNull(row, 'fired_at') ? {} : { firedAt: time(row, 'fired_at') }),
  ...(isNull(row, 'resolved_at') ? {} : { resolvedAt: time(row, 'resolved_at') }),
  value: number(row, 'value'),
  valueAt: time(row, 'value_at'),
  worst: number(row, 'worst'),
  threshold: number(row, 'threshold'),
  ...(isNull(row, 'asked') ? {} : { asked: conditionOf(text(row, 'asked')) }),
  ...(isNull(row, 'ending') ? {} : { ending: oneOf(alertEndings, text(row, 'ending')) }),
  ...(isNull(row, 'taken_at')
    ? {}
    : {
        acknowledged: {
          at: time(row, 'taken_at'),
          by: { kind: oneOf(actorKinds, text(row, 'taken_kind')), name: text(row, 'taken_by') },
        },
      }),
}));
