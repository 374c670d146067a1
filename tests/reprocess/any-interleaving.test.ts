import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import type { Result } from '../../infra/reprocess/contract.ts';
import { Killed, MINUTE, profileWith, START, World, type Message } from './world.ts';

const before = profileWith({
  version: 'old',
  minutesOff: 0,
  fields: { n: ['no2', 1], p: ['pm2_5', 10], t: ['temperature', 1], l: ['laeq', 1] },
});
/** Another scale, a key that means something else, one that is not read any more, and one that was not read before. */
const after = profileWith({
  version: 'new',
  minutesOff: 0,
  fields: { n: ['no2', 2], p: ['pm10', 1], t: ['temperature', 1], h: ['humidity', 1] },
});
/** The same, and its times were wrong. */
const later = profileWith({
  version: 'new',
  minutesOff: 7,
  fields: { n: ['no2', 2], p: ['pm10', 1], t: ['temperature', 1], h: ['humidity', 1] },
});

/** 150 beside 12 is a spike of NO2 by the new scale, and none by the old one. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 12, 12, 12, 13, 40, 150, 150, 150, 700) },
  { weight: 1, arbitrary: fc.constantFrom(-1000, 1e6, null) },
);
const LAST_SLOT = 90;
const message: fc.Arbitrary<Message> = fc.record(
  {
    device: fc.constantFrom('s-1', 's-1', 's-2'),
    minute: fc.integer({ min: 0, max: LAST_SLOT }).map((slot) => slot * 10),
    values: fc.dictionary(fc.constantFrom('n', 'n', 'p', 't', 'l', 'h'), value, { minKeys: 1, maxKeys: 5 }),
    unreadable: fc.constantFrom('old' as const),
  },
  { requiredKeys: ['device', 'minute', 'values'] },
);
/** One message for each device and time; one that comes late may say otherwise of the same things. */
const messages = fc.uniqueArray(message, {
  minLength: 8,
  maxLength: 60,
  selector: ({ device, minute }) => `${device} ${minute}`,
});
/** Which minutes are run again: all, or from one of them to another, so that what is said goes on on both sides. */
const span = fc.oneof(
  fc.constant(undefined),
  fc
    .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 25, max: LAST_SLOT }))
    .map(([from, to]) => ({ from: from * 10, to: to * 10 })),
);
const anywhere = fc
  .record({
    all: messages,
    /** In order of time, so that those that come later go on from what was judged before. */
    ordered: fc.boolean(),
    /** Of those that come late so many in a row say of a time that is there already what should have been said. */
    amending: fc.integer({ min: 0, max: 8 }),
    /** How many of them come only while history is run again, */
    late: fc.constantFrom<number>(0, 0.2, 0.5, 0.7),
    /** and of these the share that comes only when it has been. */
    last: fc.constantFrom<number>(0, 0.2, 1),
    together: fc.integer({ min: 1, max: 5 }),
    /** How many turns the others get before each operation on the store, over and over. */
    turns: fc.array(fc.constantFrom(0, 0, 1, 2, 3, 20), { minLength: 1, maxLength: 20 }),
    /** After how many operations of the run on the store the next of what comes late comes, over and over. */
    apart: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 10 }),
    /** At which operations the process is killed. */
    kills: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
    chunkMinutes: fc.constantFrom(10, 20, 60, 500),
    to: fc.constantFrom(after, later),
    span,
  })
  // Where times move, what lies at an edge of the span is in it by one clock and not by the other: that has tests of its own.
  .map((how) => (how.span === undefined ? how : { ...how, to: after }));

type Course = typeof anywhere extends fc.Arbitrary<infer One> ? One : never;
/**
 * A device that speaks every ten minutes of one thing, is run up to one of them, and says that one, or its newest two, only now. It may
 * have said one thing half a day before, so that a part of the run depends on the very last of them, or just does not.
 */
const atTheEdge: fc.Arbitrary<Course> = fc
  .record({
    values: fc.array(fc.constantFrom(12, 150), { minLength: 6, maxLength: 12 }),
    to: fc.integer({ min: 2, max: 5 }),
    newest: fc.boolean(),
    last: fc.constantFrom(0, 0.5, 1),
    begin: fc.constantFrom(0, 0, 72, 76, 80),
    turns: fc.array(fc.constantFrom(0, 0, 1, 20), { minLength: 1, maxLength: 20 }),
    apart: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 2, maxLength: 2 }),
    chunkMinutes: fc.constantFrom(10, 20, 60),
  })
  .map(({ values, to: middle, newest, begin, ...how }) => {
    const to = newest ? values.length - 2 : middle;
    const isLate = (slot: number): boolean => (newest ? slot >= to : slot === to);
    const said = values.map((n, slot): Message => ({ device: 's-1', minute: (begin + slot) * 10, values: { n } }));
    const before: Message[] = begin === 0 ? [] : [{ device: 's-1', minute: 0, values: { n: 12 } }];
    const all = [...before, ...said.filter((_, slot) => !isLate(slot)), ...said.filter((_, slot) => isLate(slot))];
    return {
      ...how,
      all,
      ordered: false,
      amending: 0,
      late: (newest ? 2 : 1) / all.length,
      together: 1,
      kills: [],
      to: after,
      span: { from: 0, to: (begin + to) * 10 },
    };
  });
const course = fc.oneof({ weight: 1, arbitrary: anywhere }, { weight: 1, arbitrary: atTheEdge });

/** The same of the same time, with other numbers. */
const amended = ({ device, minute, values }: Message): Message => ({
  device,
  minute,
  values: Object.fromEntries(Object.entries(values).map(([key, one]) => [key, one === null ? 5 : one + 1])),
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test(
  'whatever comes in beside it, and wherever it is killed, the store ends as if the new codec had read everything that was run',
  { timeout: 240_000 },
  async () => {
    let [kills, late, changed, beyond, foretold] = [0, 0, 0, 0, 0];
    await fc.assert(
      fc.asyncProperty(course, async (how) => {
        const [world, reference] = [new World(before), new World(how.to)];
        try {
          const first = Math.round(how.all.length * (1 - how.late));
          const told = how.ordered ? how.all.toSorted((a, b) => a.minute - b.minute) : how.all;
          const all = told.map((one, n) =>
            n >= first && n < first + how.amending ? amended(told[n - first] ?? one) : one,
          );
          const isRun = ({ minute }: Message): boolean =>
            how.span === undefined || (minute >= how.span.from && minute < how.span.to);
          const span =
            how.span === undefined
              ? {}
              : { from: instant(START + how.span.from * MINUTE), to: instant(START + how.span.to * MINUTE) };
          world.append(all.slice(0, first));
          await world.ingest(how.together);
          world.profile = how.to;
          const parts = {
            chunkMs: {
              first: how.chunkMinutes * 60_000,
              least: how.chunkMinutes * 60_000,
              most: how.chunkMinutes * 60_000,
            },
          };
          // While nothing comes in beside it, what it finds is known before, and kills change nothing of it.
          const foreseen =
            first === all.length ? await world.reprocess({ id: 3, ...span, dryRun: true }, parts) : undefined;
          let [operations, ofRun, step] = [0, 0, 0];
          let dead = false;
          let life = new AbortController();
          const pending = [...how.kills];
          world.before = async (_, by) => {
            if (by === 'run') ofRun += 1;
            for (let n = how.turns[step++ % how.turns.length] ?? 0; n > 0; n -= 1) await turn();
            operations += 1;
            if (operations === pending[0]) {
              dead = true;
              life.abort(new Killed());
            }
            if (dead) throw new Killed();
          };
          const last = Math.ceil(all.length - (all.length - first) * how.last);
          const coming = all.slice(first, last);
          let ran = false;
          let found: Result | undefined;
          const run = async (): Promise<void> => {
            found = await world.reprocess(span, parts, life.signal).finally(() => (ran = true));
          };
          const speak = async (): Promise<void> => {
            await world.ingest(how.together);
            const gate = async (nth: number): Promise<void> => {
              const until = ofRun + (how.apart[nth % how.apart.length] ?? 0);
              const isTime = (): boolean => ran || ofRun >= until;
              while (!isTime()) await turn();
            };
            await gate(0);
            for (
              let [next, nth] = [coming.splice(0, how.together), 1];
              next.length > 0;
              [next, nth] = [coming.splice(0, how.together), nth + 1]
            ) {
              late += next.length;
              world.append(next);
              await world.ingest(how.together);
              await gate(nth);
            }
          };
          for (let done = false; !done;) {
            const ended = await Promise.allSettled([run(), speak()]);
            for (const one of ended) if (one.status === 'rejected' && !life.signal.aborted) throw one.reason;
            done = ended.every(({ status }) => status === 'fulfilled');
            if (done) break;
            kills += 1;
            pending.shift();
            operations = 0;
            [dead, ran] = [false, false];
            life = new AbortController();
            await world.restart();
          }
          world.before = async () => {};
          expect(foreseen ?? found).toEqual(found);
          foretold += foreseen !== undefined && how.kills.length > 0 ? 1 : 0;
          world.append(all.slice(last));
          await world.ingest(how.together);
          for (const [n, one] of all.entries()) {
            reference.profile = n < first && !isRun(one) ? before : how.to;
            reference.append([one]);
            await reference.ingest();
          }
          const [is, shall] = [await world.lines(), await reference.lines()];
          expect(is).toEqual(shall);
          const left = all.slice(0, first).filter((one) => one.unreadable === 'old' && !isRun(one));
          expect(world.quarantine).toHaveLength(left.length);
          const again = await world.reprocess({ id: 2, ...span }, parts);
          for (const one of again.quantities)
            expect(one).toEqual({
              quantity: one.quantity,
              same: one.same,
              value: 0,
              flag: 0,
              site: 0,
              added: 0,
              withdrawn: 0,
              kept: 0,
              fromRaw: 0,
              asStored: 0,
              reflagged: 0,
              changes: 0,
              change: 0,
            });
          const inSpan = shall.filter(
            (line) => how.span === undefined || isRun({ device: '', minute: Number(line.split(' ')[1]), values: {} }),
          );
          expect(again.quantities.reduce((sum, { same }) => sum + same, 0)).toBe(inSpan.length);
          changed += inSpan.length;
          beyond += shall.length - inSpan.length;
        } finally {
          await world.close();
          await reference.close();
        }
      }),
      // A fault that is found is made small for a minute at most.
      { numRuns: 600, interruptAfterTimeLimit: 60_000 },
    );
    expect(kills).toBeGreaterThan(40);
    expect(late).toBeGreaterThan(150);
    expect(changed).toBeGreaterThan(1_000);
    expect(beyond).toBeGreaterThan(300);
    expect(foretold).toBeGreaterThan(20);
  },
);
