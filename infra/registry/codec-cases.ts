import { randomUUID } from 'node:crypto';
import { Parse } from 'typebox/value';
import { vectorSchema, type Vector } from '../../device-profiles/definition/schema.ts';
import { Conflict, Invalid, NotFound, profileId, type Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { checkedName } from './checks.ts';
import { oneOf, reading, text } from './columns.ts';
import type { Actor, Changes, CodecCase, Registry } from './contract.ts';
import type { Database } from './database.ts';
import { actorKinds, time } from './rows.ts';
import { explaining } from './write.ts';

/** Of one model; who has more has a test suite, which belongs into the model's folder. */
const CASES_AT_MOST = 100;
/** As JSON: a payload of the largest LoRaWAN frame is a hundredth of it. */
const CASE_BYTES = 65_536;

/** Reads the cases that people keep. */
export const codecCaseReads = (database: Database): Pick<Registry, 'codecCases'> => ({
  codecCases: async (profile) => {
    const query = database.db
      .selectFrom('codec_case')
      .selectAll()
      .where('profile', '=', profile)
      .orderBy('at')
      .orderBy('id');
    return (await explaining(database, () => query.execute())).map(caseOf);
  },
});

interface Parts {
  readonly database: Database;
  readonly record: Recorder;
  readonly actor: Actor;
  readonly clock: Clock;
}

/** Cases are kept and thrown away, never changed: what was expected once stays what was expected. */
export const codecCaseChanges = ({
  database,
  record,
  actor,
  clock,
}: Parts): Pick<Changes, 'addCodecCase' | 'removeCodecCase'> => ({
  addCodecCase: async (profile, given) => {
    const vector: Vector = { ...given, name: checkedName('the name of a case', given.name) };
    const written = JSON.stringify(vector);
    if (Buffer.byteLength(written) > CASE_BYTES)
      throw new Invalid('codec-case-too-large', `a case has at most ${CASE_BYTES / 1024} kB: this message is longer`);
    return explaining(database, () =>
      database.db.transaction().execute(async (trx) => {
        const there = await trx.selectFrom('codec_case').select(['name']).where('profile', '=', profile).execute();
        if (there.some(({ name }) => name === vector.name))
          throw new Conflict(
            'codec-case-exists',
            `there is a case ${JSON.stringify(vector.name)} of ${profile} already: choose another name`,
          );
        if (there.length >= CASES_AT_MOST)
          throw new Conflict('codec-cases-full', `${profile} has ${CASES_AT_MOST} cases: remove one first`);
        const kept: CodecCase = { id: randomUUID(), profile, vector, at: clock.now(), by: actor };
        await trx
          .insertInto('codec_case')
          .values({
            id: kept.id,
            profile,
            name: vector.name,
            vector: written,
            at: kept.at,
            actor_kind: actor.kind,
            actor: actor.name,
          })
          .execute();
        await record(trx, [
          { action: 'codec-case-added', subject: { kind: 'profile', id: profile }, detail: { name: vector.name } },
        ]);
        return kept;
      }),
    );
  },
  removeCodecCase: (profile, id) =>
    explaining(database, () =>
      database.db.transaction().execute(async (trx) => {
        const row = await trx
          .selectFrom('codec_case')
          .select(['name'])
          .where('profile', '=', profile)
          .where('id', '=', id)
          .executeTakeFirst();
        if (row === undefined)
          throw new NotFound('codec-case-unknown', `${profile} has no such case: somebody may have removed it`);
        await trx.deleteFrom('codec_case').where('id', '=', id).execute();
        await record(trx, [
          { action: 'codec-case-removed', subject: { kind: 'profile', id: profile }, detail: { name: row.name } },
        ]);
      }),
    ),
});

const caseOf = reading('codec_case', (row): CodecCase => ({
  id: text(row, 'id'),
  profile: profileId(text(row, 'profile')),
  vector: Parse(vectorSchema, JSON.parse(text(row, 'vector'))),
  at: time(row, 'at'),
  by: { kind: oneOf(actorKinds, text(row, 'actor_kind')), name: text(row, 'actor') },
}));
