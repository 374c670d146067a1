import {
  alertId,
  Conflict,
  Invalid,
  iso,
  NotFound,
  type AlertId,
  type Clock,
} from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { unprintable } from './checks.ts';
import { isNull, number, oneOf, reading, text } from './columns.ts';
import { alertDeedKinds, type Actor, type AlertDeed, type Changes, type Registry } from './contract.ts';
import type { Database } from './database.ts';
import { actorKinds, time } from './rows.ts';
import type { Tables, Trx } from './tables.ts';
import { explaining } from './write.ts';

/** Reads what people did about alerts. */
export const alertDeedReads = (database: Database): Pick<Registry, 'alertDeeds'> => ({
  alertDeeds: async (id) => {
    const query = database.db.selectFrom('alert_deed').selectAll().where('alert', '=', id).orderBy('id');
    return (await explaining(database, () => query.execute())).map(deedOf);
  },
});

interface Parts {
  readonly database: Database;
  readonly record: Recorder;
  readonly actor: Actor;
  readonly clock: Clock;
}

/** How people answer alerts. Not in memory: a change of its revision would tell every process to look for nothing. */
export const alertDeedChanges = (parts: Parts): Pick<Changes, 'acknowledgeAlert' | 'noteAlert'> => ({
  acknowledgeAlert: (id) =>
    deed(parts, id, async (trx, alert) => {
      const first = await trx
        .selectFrom('alert_deed')
        .selectAll()
        .where('alert', '=', id)
        .where('kind', '=', 'acknowledged')
        .executeTakeFirst();
      if (first !== undefined) {
        const { by, at } = deedOf(first);
        throw new Conflict('alert-acknowledged', `${by.name} acknowledged it already, at ${iso(at)}`);
      }
      if (alert.state === 'resolved')
        throw new Conflict(
          'alert-resolved',
          'the alert is over: there is nothing to acknowledge; write a note instead',
        );
      return { kind: 'acknowledged' };
    }),
  noteAlert: async (id, words) => {
    const note = checkedNote(words);
    return deed(parts, id, async () => ({ kind: 'note', note }));
  },
});

/** Of one transaction, which holds the lock of the database: of two at once the second sees what the first did. */
const deed = (
  { database, record, actor, clock }: Parts,
  id: AlertId,
  decide: (trx: Trx, alert: Pick<Tables['alert'], 'state'>) => Promise<Pick<AlertDeed, 'kind' | 'note'>>,
): Promise<AlertDeed> =>
  explaining(database, () =>
    database.db.transaction().execute(async (trx) => {
      const alert = await trx
        .selectFrom('alert')
        .select(['state', 'rule', 'device'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (alert === undefined) throw new NotFound('alert-unknown', `there is no alert ${JSON.stringify(id)}`);
      const what = await decide(trx, alert);
      const { newest } = await trx
        .selectFrom('alert_deed')
        .select(({ fn }) => fn.max('id').as('newest'))
        .executeTakeFirstOrThrow();
      const done: AlertDeed = { id: (newest ?? 0) + 1, alert: id, at: clock.now(), by: actor, ...what };
      await trx
        .insertInto('alert_deed')
        .values({
          id: done.id,
          alert: id,
          kind: done.kind,
          at: done.at,
          actor_kind: actor.kind,
          actor: actor.name,
          note: done.note ?? null,
        })
        .execute();
      await record(trx, [
        {
          action: done.kind === 'note' ? 'alert-noted' : 'alert-acknowledged',
          subject: { kind: 'alert', id },
          detail: { rule: alert.rule, device: alert.device },
        },
      ]);
      return done;
    }),
  );

/** A page of a notebook: what does not fit there belongs in a document. */
export const NOTE_AT_MOST = 2_000;

/** What people wrote: lines of printable characters, without the blanks around. @throws Invalid (`note-invalid`). */
export const checkedNote = (words: string): string => {
  const note = words.replaceAll(/\r\n?/g, '\n').replaceAll('\t', ' ').trim();
  const { length } = Array.from(note);
  if (length >= 1 && length <= NOTE_AT_MOST && !note.split('\n').some((line) => unprintable.test(line))) return note;
  const fault =
    length === 0
      ? 'it is empty'
      : length > NOTE_AT_MOST
        ? `it has ${length}`
        : 'it has a character that does not print';
  throw new Invalid('note-invalid', `a note must be 1 to ${NOTE_AT_MOST} printable characters; ${fault}`);
};

const deedOf = reading('alert_deed', (row): AlertDeed => ({
  id: number(row, 'id'),
  alert: alertId(text(row, 'alert')),
  kind: oneOf(alertDeedKinds, text(row, 'kind')),
  at: time(row, 'at'),
  by: { kind: oneOf(actorKinds, text(row, 'actor_kind')), name: text(row, 'actor') },
  ...(isNull(row, 'note') ? {} : { note: text(row, 'note') }),
}));
