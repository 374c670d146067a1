import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Appended, Journal } from '../../infra/journal/contract.ts';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { again, anUplink, entriesIn, eventually, numberOf } from './street.ts';

/** Something that happens to a journal. Messages carry one of few numbers, so that repeats are common. */
const message = fc.record({ n: fc.integer({ min: 1, max: 12 }), redelivered: fc.boolean() });
const appends = fc.array(fc.array(message, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant<'append'>('append'), appends }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom<('restart' | 'power-cut' | 'handle')[]>('restart', 'power-cut', 'handle'),
    }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;
type Message = typeof message extends fc.Arbitrary<infer M> ? M : never;

/** Keeps every new message, and a repeat only when its number is not on the list yet. */
const carefulClerk = () => {
  const list: number[] = [];
  const keep = ({ n, redelivered }: Message): Appended => {
    if (redelivered && list.includes(n)) return 'duplicate';
    list.push(n);
    return 'appended';
  };
  return { list, keep };
};

const handleWaiting = async (journal: Journal, handled: number[]): Promise<void> => {
  const consumption = journal.consume('ingest', (batch) => {
    handled.push(...batch.map(({ uplink }) => numberOf(uplink)));
    return Promise.resolve();
  });
  await eventually(() => expect(journal.stats().backlog).toBe(0));
  await consumption.stop();
};

/** What journal and clerk have to say for themselves after all that. */
const live = async (first: SqlitePlace, events: readonly Event[]) => {
  const clerk = carefulClerk();
  const answers: unknown[] = [];
  const clerksAnswers: unknown[] = [];
  const handled: number[] = [];
  let place = first;
  let journal = place.open({ groupMs: 0 });
  for (const event of events) {
    switch (event.kind) {
      case 'append':
        answers.push(
          await Promise.all(
            event.appends.map((some) =>
              journal.append(some.map(({ n, redelivered }) => (redelivered ? again(anUplink(n)) : anUplink(n)))),
            ),
          ),
        );
        clerksAnswers.push(event.appends.map((some) => some.map(clerk.keep)));
        break;
      case 'handle':
        await handleWaiting(journal, handled);
        break;
      case 'restart':
        await journal.close();
        journal = place.open({ groupMs: 0 });
        break;
      case 'power-cut':
        place = place.powerCut();
        journal = place.open({ groupMs: 0 });
        break;
    }
  }
  await handleWaiting(journal, handled);
  const kept = (await entriesIn(journal)).map(({ uplink }) => numberOf(uplink));
  return {
    journal: { answers, kept, handled, entries: journal.stats().entries },
    clerk: { answers: clerksAnswers, kept: clerk.list, handled: clerk.list, entries: clerk.list.length },
  };
};

test('whatever comes, new or again, alone or together, across restarts and power cuts: kept and handled is exactly what a careful clerk would keep', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), async (events) => {
      const place = sqlitePlace();
      const { journal, clerk } = await live(place, events);
      await place.remove();
      expect(journal).toEqual(clerk);
    }),
    { numRuns: 50 },
  );
});
