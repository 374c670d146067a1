import { setTimeout as pause } from 'node:timers/promises';
import {
  instant,
  type Clock,
  type DeviceRef,
  type Instant,
  type JudgedReading,
} from '../../device-profiles/vocabulary/index.ts';
import type { Catalogue } from '../../device-profiles/profile.ts';
import { dayOf, DAYS_KEPT, type HeardReader } from '../../infra/heard/contract.ts';
import { sumDays } from '../../infra/heard/day.ts';
import type { Entry, Journal } from '../../infra/journal/contract.ts';
import { repeated, type Log } from '../../infra/logging/index.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { everyMsOf } from '../../infra/registry/every.ts';
import type { JudgedEntry } from '../steps.ts';
import { openBook, type Book, type Spoken } from './book.ts';
import { openListening } from './listening.ts';

/** Who is heard, and how well: noted from every uplink of a registered device, whatever becomes of it. */
export interface Ear {
  /** Notes a batch of the journal, in order, or of the quarantine, with what was understood of it. Again changes nothing. */
  readonly note: (batch: readonly Entry[], judged: readonly JudgedEntry[]) => void;
  readonly reader: HeardReader;
  /** Keeps what is not kept yet. @throws what the registry throws; then it is kept the next time. */
  keep(): Promise<void>;
  /** The same, the last time; trouble is logged. */
  close(): Promise<void>;
}

export interface EarParts {
  readonly journal: Pick<Journal, 'read' | 'stats'>;
  readonly registry: Registry;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly metrics: Pick<Metrics, 'framesMissed'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that only rise; the process's own unless given. */
  readonly monotonic?: (() => number) | undefined;
  /** What is understood of uplinks, without storing anything. */
  readonly understand: (batch: readonly Entry[]) => Promise<readonly JudgedEntry[]>;
}

/** What a crash loses is read again from the journal; half a minute of ten thousand devices is read in a second. */
const KEEP_MS = 30_000;
/** Devices that one transaction keeps: a few milliseconds of the one thread, and of the lock that others wait for. */
const DEVICES_AT_ONCE = 200;
/** Between two such writes, of about as many milliseconds: half of the time is others'. */
const BETWEEN_MS = 20;
/** Entries that are read again after a crash at most: further back the time until the doors open is worth more. */
const READ_AGAIN_AT_MOST = 200_000;
const READ_AT_ONCE = 1_000;
const QUIET_MS = 60_000;

/** Takes up what was kept, and reads again what came into the journal after that. */
export const openEar = async (parts: EarParts): Promise<Ear> => {
  const { journal, registry, clock, log } = parts;
  const kept = await registry.heard();
  const found = (await isAnew(kept.seq, parts)) ? kept.devices.map((one) => ({ ...one, seq: 0 })) : kept.devices;
  const book = openBook(found, (id) => registry.device({ by: 'id', value: id }));
  const noted = noter(book, parts);
  const place = kept.seq === undefined || found !== kept.devices ? handled(journal) : kept.seq;
  noted.reach(place);
  await readAgain(place, noted, parts);
  const listening = openListening(clock, parts.monotonic);

  const said = repeated(log, QUIET_MS, () => clock.now());
  let keeping: Promise<void> = Promise.resolve();
  const keep = (): Promise<void> => {
    keeping = keeping.catch(() => {}).then(() => keepAll({ book, listening, seq: noted.seq, registry, clock }));
    return keeping;
  };
  const keepOrSay = async (): Promise<void> => {
    try {
      await keep();
    } catch (err) {
      said('heard-unkept', { err }, 'who was heard could not be kept in the registry: it is tried again');
    }
  };
  await keepOrSay();
  const timer = setInterval(() => void keepOrSay(), KEEP_MS);
  timer.unref();
  const leave = registry.onChange(() => book.forget((id) => registry.device({ by: 'id', value: id })));
  return {
    note: noted.note,
    reader: {
      device: (id) => book.device(id),
      listened() {
        listening.look();
        return [...kept.listened, ...listening.listened()].sort((a, b) => a.from - b.from);
      },
      asOf: () =>
        journal.stats().backlog === 0 ? clock.now() : (noted.at() ?? kept.listened.at(-1)?.to ?? clock.now()),
      async days(devices, from) {
        // The database is asked in the same moment as the book: what is taken out of it later is written after that.
        await keeping.catch(() => {});
        const unkept = devices.flatMap((id) => book.unkept(id)).filter(({ day }) => day >= from);
        return sumDays([...(await registry.heardDays({ devices, from })), ...unkept]);
      },
    },
    keep,
    async close() {
      clearInterval(timer);
      leave();
      await keepOrSay();
    },
  };
};

/** The place up to which the journal's reader had come. */
const handled = (journal: EarParts['journal']): number => {
  const { last, backlog } = journal.stats();
  return last - backlog;
};

/** Whether the journal is another one than that of which places were kept: it was taken away, and began at 1 again. */
const isAnew = async (seq: number | undefined, { journal, registry, log }: EarParts): Promise<boolean> => {
  if (seq === undefined || journal.stats().last >= seq) return false;
  log.warn(
    { reason: 'journal-anew' },
    'the journal is not the one that was read before: who was heard is counted on from here',
  );
  await registry.heardAnew();
  return true;
};

const noter = (book: Book, { registry, catalogue, metrics, clock, log }: EarParts) => {
  const said = repeated(log, QUIET_MS, () => clock.now());
  let seq = 0;
  let at: Instant | undefined;
  const inUse = (ref: DeviceRef): Device | undefined => {
    const device = registry.device(ref);
    return device?.status === 'retired' ? undefined : device;
  };
  // What comes out of the quarantine has no place in the journal.
  const noteSpoken = (spoken: Spoken): number => {
    if (spoken.entry.seq >= 0) return book.note(spoken);
    book.noteWaited(spoken);
    return 0;
  };
  const noteOne = (entry: Entry, readings: readonly JudgedReading[]): void => {
    const { via, ...uplink } = entry.uplink;
    const gateway = via === undefined ? undefined : inUse({ by: 'id', value: via });
    // Whoever forwards is heard as well, by the door that the message came through.
    if (gateway !== undefined)
      noteSpoken({ entry: { seq: entry.seq, uplink }, device: gateway, everyMs: undefined, readings: [] });
    const device = inUse(uplink.device);
    if (device === undefined) return;
    const missed = noteSpoken({ entry, device, everyMs: everyMsOf(device, catalogue), readings });
    if (missed > 0) metrics.framesMissed.inc({ connector: entry.uplink.connector }, missed);
  };
  return {
    seq: () => seq,
    /** Time of receipt of the newest uplink that was noted. */
    at: () => at,
    reach: (place: number) => {
      seq = Math.max(seq, place);
    },
    note: (batch: readonly Entry[], judged: readonly JudgedEntry[]): void => {
      let next = 0;
      for (const entry of batch) {
        const readings: JudgedReading[] = [];
        // Judged readings are in the order of their entries, which not all have any.
        for (let one = judged[next]; one?.entry === entry; one = judged[next]) {
          readings.push(one.reading);
          next += 1;
        }
        if (entry.seq >= 0) {
          seq = Math.max(seq, entry.seq);
          at = entry.uplink.receivedAt;
        }
        try {
          noteOne(entry, readings);
        } catch (err) {
          // A fault of ours, which must not keep the readings from being stored.
          said(
            'heard-fault',
            { err, seq: entry.seq },
            'an uplink could not be noted as heard; it is handled all the same',
          );
        }
      }
    },
  };
};

/** What a crash lost, or what another registry did not know yet. */
const readAgain = async (
  place: number,
  { note }: ReturnType<typeof noter>,
  { journal, understand, log }: EarParts,
): Promise<void> => {
  const { last } = journal.stats();
  const after = Math.max(place, last - READ_AGAIN_AT_MOST);
  if (after > place)
    log.warn(
      { reason: 'heard-skipped', entries: after - place },
      'too many uplinks came since it was kept who was heard: the older ones are not counted',
    );
  let batch: Entry[] = [];
  const noteBatch = async (): Promise<void> => {
    note(batch, await understand(batch));
    batch = [];
  };
  for await (const entry of journal.read({ after })) {
    batch.push(entry);
    if (batch.length >= READ_AT_ONCE) await noteBatch();
  }
  if (batch.length > 0) await noteBatch();
};

const keepAll = async ({
  book,
  listening,
  seq,
  registry,
  clock,
}: {
  readonly book: Book;
  readonly listening: ReturnType<typeof openListening>;
  readonly seq: () => number;
  readonly registry: Pick<Registry, 'keepHeard'>;
  readonly clock: Clock;
}): Promise<void> => {
  listening.look();
  book.disbelieve(clock.now());
  // Whoever is due now is kept up to this place at least.
  const place = seq();
  const due = book.due();
  for (let i = 0; i < due.length; i += DEVICES_AT_ONCE) {
    const taken = book.take(due.slice(i, i + DEVICES_AT_ONCE));
    try {
      await registry.keepHeard(taken);
    } catch (error) {
      book.giveBack(taken);
      throw error;
    }
    // What came in meanwhile goes first: nobody waits for this.
    await pause(BETWEEN_MS);
  }
  const daysFrom = dayOf(instant(clock.now())) - DAYS_KEPT;
  await registry.keepHeard({
    devices: [],
    days: [],
    complete: { seq: place, listened: listening.listened(), daysFrom },
  });
};
