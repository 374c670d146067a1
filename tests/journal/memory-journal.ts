import { setImmediate as breath } from 'node:timers/promises';
import { Conflict, slotOf, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import { JournalBroken, type Appended, type Entry, type Journal } from '../../infra/journal/contract.ts';
import type { JournalPlace, JournalSettings } from '../contracts/journal.ts';

/** What a broken journal does wrong; none is an honest one. */
export type Fault =
  | 'acknowledges-before-keeping'
  | 'forgets-duplicates'
  | 'calls-every-known-id-a-duplicate'
  | 'loses-on-reopen'
  | 'moves-on-after-a-failure'
  | 'moves-the-cursor-first'
  | 'prunes-what-nobody-handled'
  | 'reads-from-the-start'
  | 'counts-from-the-start-again';

/** What would be on a disk. */
interface Disk {
  entries: Entry[];
  last: number;
  cursor: number;
}

/** A journal in memory, to see that the contract's cases accept an honest one and find each fault. Not for use. */
export const memoryPlace = (fault?: Fault, disk: Disk = { entries: [], last: 0, cursor: 0 }): JournalPlace => ({
  open(settings = {}) {
    if (fault === 'loses-on-reopen') Object.assign(disk, { entries: [], last: 0, cursor: 0 });
    if (fault === 'counts-from-the-start-again') disk.last = disk.entries.at(-1)?.seq ?? 0;
    return memoryJournal(disk, settings, fault);
  },
  powerCut: () => memoryPlace(fault, structuredClone(disk)),
  remove: () => Promise.resolve(),
});

const memoryJournal = (
  disk: Disk,
  { clock, retentionMs = Infinity }: Partial<JournalSettings>,
  fault: Fault | undefined,
): Journal => {
  let closed = false;
  let consuming = false;
  const pending: (() => void)[] = [];
  const flush = () => {
    for (const keep of pending.splice(0)) keep();
  };
  const known = new Map<string, string>(
    fault === 'forgets-duplicates' ? [] : disk.entries.map(({ uplink: { id } }) => [slotOf(id), id]),
  );

  const judge = (uplink: Uplink): Appended => {
    const repeated =
      known.get(slotOf(uplink.id)) === uplink.id &&
      (uplink.redelivered || fault === 'calls-every-known-id-a-duplicate');
    known.set(slotOf(uplink.id), uplink.id);
    return repeated ? 'duplicate' : 'appended';
  };
  const keep = (uplink: Uplink) => {
    disk.last += 1;
    disk.entries.push({ seq: disk.last, uplink });
  };

  return {
    append(uplinks) {
      if (closed) return Promise.reject(new JournalBroken('the journal is closed'));
      const answers = uplinks.map(judge);
      const fresh = uplinks.filter((_, i) => answers[i] === 'appended');
      const { promise, resolve } = Promise.withResolvers<readonly Appended[]>();
      pending.push(() => {
        for (const uplink of fresh) keep(uplink);
        resolve(answers);
      });
      setTimeout(flush, 2);
      return fault === 'acknowledges-before-keeping' ? Promise.resolve(answers) : promise;
    },
    consume(_name, handle) {
      if (consuming) throw new Conflict('consumer-exists', 'there is one already');
      consuming = true;
      const stopping = new AbortController();
      const run = async () => {
        let batch: readonly Entry[] = [];
        while (!stopping.signal.aborted) {
          await breath();
          if (batch.length === 0) batch = disk.entries.filter(({ seq }) => seq > disk.cursor);
          const cursor = batch.at(-1)?.seq;
          if (cursor === undefined) continue;
          if (fault === 'moves-the-cursor-first' || fault === 'moves-on-after-a-failure') disk.cursor = cursor;
          try {
            await handle(batch);
            disk.cursor = cursor;
            batch = [];
          } catch {
            if (fault === 'moves-on-after-a-failure') batch = [];
          }
        }
      };
      const ran = run();
      return {
        stop: async () => {
          stopping.abort();
          await ran;
          consuming = false;
        },
      };
    },
    async *read({ device, after = 0, from = -Infinity, to = Infinity }) {
      yield* disk.entries.filter(
        ({ seq, uplink }) =>
          (seq > after || fault === 'reads-from-the-start') &&
          uplink.receivedAt >= from &&
          uplink.receivedAt < to &&
          (device === undefined || (device.by === uplink.device.by && device.value === uplink.device.value)),
      );
    },
    newest: ({ device, limit, before = Infinity }) =>
      Promise.resolve(
        disk.entries
          .filter(({ seq, uplink }) => seq < before && uplink.device.value === device.value)
          .toReversed()
          .slice(0, limit),
      ),
    following: ({ device: { id, devEui }, after, limit }) => {
      const entries = disk.entries
        .filter(({ seq, uplink: { device } }) => seq > after && device.value === (device.by === 'id' ? id : devEui))
        .slice(0, limit);
      const seen = entries.at(-1)?.seq ?? disk.last;
      return Promise.resolve({ entries, seen, more: seen < disk.last });
    },
    ahead: (now) =>
      new Map(
        disk.entries
          .filter(({ uplink }) => uplink.receivedAt >= now)
          .map(({ uplink }) => [uplink.device.value, uplink.receivedAt]),
      ),
    stats: () => {
      const oldest = disk.entries[0]?.uplink.receivedAt;
      return {
        entries: disk.entries.length,
        last: disk.last,
        bytes: 0,
        backlog: disk.last - disk.cursor,
        accepting: true,
        ...(oldest === undefined ? {} : { oldest }),
      };
    },
    prune: () => {
      const young = (clock?.now() ?? 0) - retentionMs;
      const before = disk.entries.length;
      disk.entries = disk.entries.filter(
        ({ seq, uplink }) =>
          uplink.receivedAt >= young || (seq > disk.cursor && fault !== 'prunes-what-nobody-handled'),
      );
      return Promise.resolve(before - disk.entries.length);
    },
    close: () => {
      flush();
      closed = true;
      return Promise.resolve();
    },
  };
};
