import {
  Conflict,
  deviceId,
  Invalid,
  iso,
  NotFound,
  profileId,
  siteId,
  type Clock,
} from '../../device-profiles/vocabulary/index.ts';
import {
  isUnfinished,
  jobStates,
  scopeKinds,
  emptyResult,
  type Job,
  type JobChanges,
  type JobNews,
  type JobRegister,
  type JobRequest,
  type Scope,
} from '../reprocess/contract.ts';
import { resultOf } from '../reprocess/result-shape.ts';
import type { Deed, Recorder } from './audit.ts';
import { checkedLimit, checkedName } from './checks.ts';
import { isNull, number, oneOf, reading, text } from './columns.ts';
import type { Database } from './database.ts';
import type { KnownProfiles } from './device-checks.ts';
import type { Actor } from './audit-records.ts';
import { actorKinds, time } from './rows.ts';
import type { Tables, Trx } from './tables.ts';
import { explaining, type Write } from './write.ts';

/** What is kept of runs over history. It is not in memory: whoever runs them asks. */
export const reprocessTable = (database: Database): JobRegister => {
  const { db } = database;
  return {
    reprocessJobs: async ({ limit, before }) => {
      let query = db.selectFrom('reprocess').selectAll().orderBy('id', 'desc').limit(checkedLimit(limit));
      if (before !== undefined) query = query.where('id', '<', before);
      return (await explaining(database, () => query.execute())).map(jobOf);
    },
    unfinishedReprocess: async () => {
      const query = db
        .selectFrom('reprocess')
        .selectAll()
        .where('state', 'in', jobStates.filter(isUnfinished))
        .orderBy('state')
        .orderBy('id');
      return (await explaining(database, () => query.execute())).map(jobOf);
    },
    reprocessJob: (id) =>
      explaining(database, async () => {
        const row = await db.selectFrom('reprocess').selectAll().where('id', '=', id).executeTakeFirst();
        return row === undefined ? undefined : jobOf(row);
      }),
    keepReprocess: (id, news) =>
      explaining(database, () =>
        database.hasty(async (trx) => {
          await trx
            .updateTable('reprocess')
            .set(columnsOf(news))
            .where('id', '=', id)
            .where('state', '!=', 'cancelled')
            .execute();
          const row = await trx.selectFrom('reprocess').selectAll().where('id', '=', id).executeTakeFirst();
          return row === undefined ? undefined : jobOf(row);
        }),
      ),
  };
};

interface Parts {
  readonly write: Write;
  readonly record: Recorder;
  readonly actor: Actor;
  readonly profiles: KnownProfiles;
  readonly clock: Clock;
}

/** How runs are asked for and called off, each in somebody's name. A change of memory's revision tells other processes to look. */
export const reprocessChanges = ({ write, record, actor, profiles, clock }: Parts): JobChanges => ({
  askReprocess: async (request) => {
    const { from, to, dryRun, reason: why } = request;
    const scope = checkedScope(request.scope);
    if (to <= from)
      throw new Invalid(
        'span-invalid',
        'what is run again must end after it begins: `from` is inclusive, `to` exclusive',
      );
    const reason = why === undefined ? undefined : checkedName('the reason', why);
    return write(async (trx) => {
      await assertThere(trx, scope, profiles);
      await assertNew(trx, { scope, from, to, dryRun });
      const { newest } = await trx
        .selectFrom('reprocess')
        .select(({ fn }) => fn.max('id').as('newest'))
        .executeTakeFirstOrThrow();
      const job: Job = {
        id: newest + 1,
        scope,
        from,
        to,
        dryRun,
        ...(reason === undefined ? {} : { reason }),
        actor,
        createdAt: clock.now(),
        state: 'waiting',
        progress: 0,
        result: emptyResult,
      };
      await trx.insertInto('reprocess').values(rowOf(job)).execute();
      await record(trx, [
        deedOf('reprocess-asked', job, { from: iso(from), to: iso(to), dryRun, reason: reason ?? null }),
      ]);
      return job;
    });
  },
  cancelReprocess: async (id) =>
    write(async (trx) => {
      const row = await trx.selectFrom('reprocess').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined)
        throw new NotFound(
          'reprocess-unknown',
          `there is no run ${id} over history; "npx kerbside reprocess list" shows all of them`,
        );
      const job = jobOf(row);
      if (!isUnfinished(job.state)) throw new Conflict('reprocess-ended', `run ${id} is ${job.state} already`);
      const endedAt = clock.now();
      await trx
        .updateTable('reprocess')
        .set(columnsOf({ state: 'cancelled', endedAt }))
        .where('id', '=', id)
        .execute();
      await record(trx, [deedOf('reprocess-cancelled', job, {})]);
      return { ...job, state: 'cancelled', endedAt };
    }),
});

const deedOf = (action: Deed['action'], { id, scope }: Pick<Job, 'id' | 'scope'>, detail: Deed['detail']): Deed => ({
  action,
  subject: scope,
  detail: { run: id, ...detail },
});

const checkedScope = ({ kind, id }: Scope): Scope => ({
  kind,
  id: { device: deviceId, profile: profileId, site: siteId }[kind](id),
});

const assertThere = async (trx: Trx, { kind, id }: Scope, profiles: KnownProfiles): Promise<void> => {
  const there =
    kind === 'profile'
      ? profiles.known(profileId(id))
      : (await trx.selectFrom(kind).select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
  if (!there)
    throw new NotFound(`${kind}-unknown`, `there is no ${kind} ${JSON.stringify(id)}: nothing of it can be run again`);
};

/** One that runs already may have passed what was corrected since; one that waits has everything before it. */
const assertNew = async (trx: Trx, { scope, from, to, dryRun }: Omit<JobRequest, 'reason'>): Promise<void> => {
  const same = await trx
    .selectFrom('reprocess')
    .select('id')
    .where('state', '=', 'waiting')
    .where('kind', '=', scope.kind)
    .where('subject', '=', scope.id)
    .where('from_at', '=', from)
    .where('to_at', '=', to)
    .where('dry_run', '=', dryRun ? 1 : 0)
    .executeTakeFirst();
  if (same !== undefined) throw new Conflict('reprocess-waits', `run ${same.id} over the same history waits already`);
};

const rowOf = ({
  id,
  scope,
  from,
  to,
  dryRun,
  reason,
  actor,
  createdAt,
  state,
  progress,
  result,
}: Job): Tables['reprocess'] => ({
  id,
  kind: scope.kind,
  subject: scope.id,
  from_at: from,
  to_at: to,
  dry_run: dryRun ? 1 : 0,
  reason: reason ?? null,
  actor_kind: actor.kind,
  actor: actor.name,
  created_at: createdAt,
  started_at: null,
  ended_at: null,
  state,
  progress,
  result: JSON.stringify(result),
  fault: null,
});

const columnsOf = ({ startedAt, endedAt, state, progress, result, fault }: JobNews): Partial<Tables['reprocess']> => ({
  ...(startedAt === undefined ? {} : { started_at: startedAt }),
  ...(endedAt === undefined ? {} : { ended_at: endedAt }),
  ...(state === undefined ? {} : { state }),
  ...(progress === undefined ? {} : { progress }),
  ...(result === undefined ? {} : { result: JSON.stringify(result) }),
  ...(fault === undefined ? {} : { fault }),
});

const jobOf = reading('reprocess', (row): Job => ({
  id: number(row, 'id'),
  scope: { kind: oneOf(scopeKinds, text(row, 'kind')), id: text(row, 'subject') },
  from: time(row, 'from_at'),
  to: time(row, 'to_at'),
  dryRun: number(row, 'dry_run') === 1,
  ...(isNull(row, 'reason') ? {} : { reason: text(row, 'reason') }),
  actor: { kind: oneOf(actorKinds, text(row, 'actor_kind')), name: text(row, 'actor') },
  createdAt: time(row, 'created_at'),
  ...(isNull(row, 'started_at') ? {} : { startedAt: time(row, 'started_at') }),
  ...(isNull(row, 'ended_at') ? {} : { endedAt: time(row, 'ended_at') }),
  state: oneOf(jobStates, text(row, 'state')),
  progress: number(row, 'progress'),
  result: resultOf(text(row, 'result')),
  ...(isNull(row, 'fault') ? {} : { fault: text(row, 'fault') }),
}));
