import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import { checkedLimit } from './checks.ts';
import type { Actor, AuditEntry, Registry } from './contract.ts';
import type { Database } from './database.ts';
import { auditOf } from './rows.ts';
import { chunks, type Trx } from './tables.ts';
import { explaining, takeNumbers } from './write.ts';

/** What was done; by whom and when is said once for all of a transaction. */
export type Deed = Pick<AuditEntry, 'action' | 'subject' | 'detail'>;

/** Writes down deeds in the transaction that does them: there is none without a line, and no line without a deed. */
export type Recorder = (trx: Trx, deeds: readonly Deed[]) => Promise<void>;

export const recordAs =
  (actor: Actor, clock: Clock): Recorder =>
  async (trx, deeds) => {
    if (deeds.length === 0) return;
    const first = (await takeNumbers(trx, 'audit', deeds.length)) - deeds.length + 1;
    const at = clock.now();
    const rows = deeds.map(({ action, subject, detail }, index) => ({
      id: first + index,
      at,
      actor_kind: actor.kind,
      actor: actor.name,
      action,
      subject_kind: subject.kind,
      subject: subject.id,
      detail: JSON.stringify(detail),
    }));
    for (const chunk of chunks(rows)) await trx.insertInto('audit').values(chunk).execute();
  };

/** A deed done to a device. */
export const toDevice = (action: AuditEntry['action'], id: string, detail: AuditEntry['detail'] = {}): Deed => ({
  action,
  subject: { kind: 'device', id },
  detail,
});

/**
 * Reads the audit trail. It is never cut: a device added is 200 bytes of it, and what was done ten years ago is what
 * somebody asks for.
 */
export const auditTrail = (database: Database): Pick<Registry, 'audit'> => ({
  audit: async ({ subject, actor, actorKind, action, from, to, limit, before }) => {
    let query = database.db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(checkedLimit(limit));
    if (subject !== undefined) query = query.where('subject_kind', '=', subject.kind).where('subject', '=', subject.id);
    if (actor !== undefined)
      query = query.where((is) => is(is.fn<string>('lower', ['actor']), 'like', containing(actor)));
    if (actorKind !== undefined) query = query.where('actor_kind', '=', actorKind);
    if (action !== undefined) query = query.where('action', '=', action);
    if (from !== undefined) query = query.where('at', '>=', from);
    if (to !== undefined) query = query.where('at', '<', to);
    if (before !== undefined) query = query.where('id', '<', before);
    return (await explaining(database, () => query.execute())).map(auditOf);
  },
});

/** A pattern for texts that contain this one; what LIKE gives a meaning becomes any one sign. */
const containing = (text: string): string => `%${text.toLowerCase().replaceAll(/[%_\\]/g, '_')}%`;
