import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import {
  deviceId,
  instant,
  uplinkId,
  type Clock,
  type DeviceRef,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Entry, Journal } from '../../infra/journal/contract.ts';

/** The messages of a small street, for whatever journal is looked at. */
const START = Date.UTC(2026, 10, 23, 8);

/** A clock that stands at 23 November 2026, 08:00 UTC until it is turned. */
export const stoppedClock = (): Clock & { forward(ms: number): void } => {
  let now = START;
  return {
    now: () => instant(now),
    forward: (ms) => {
      now += ms;
    },
  };
};

export const device = (name: string): DeviceRef => ({ by: 'id', value: deviceId(name) });
export const idOf = (text: string): Uplink['id'] =>
  uplinkId(createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url'));

/** The n-th message: its own id, from one of three counters, a second after the one before. */
export const anUplink = (n: number, words: Partial<Uplink> = {}): Uplink => ({
  id: uplinkId(`m${n}`.padEnd(11, '_') + 'the-words_-'),
  redelivered: false,
  connector: 'mqtt',
  device: device(`counter-${n % 3}`),
  receivedAt: instant(START + n * 1_000),
  payload: new TextEncoder().encode(`{"footfall_in":${n}}`),
  ...words,
});
export const uplinks = (from: number, to: number): readonly Uplink[] =>
  Array.from({ length: to - from + 1 }, (_, i) => anUplink(from + i));
/** The same message, sent once more by a sender who says so. */
export const again = (uplink: Uplink): Uplink => ({ ...uplink, redelivered: true });
export const idsOf = (some: readonly Uplink[]): readonly string[] => some.map((uplink) => uplink.id);

type Query = Parameters<Journal['read']>[0];
export const entriesIn = async (journal: Journal, query: Query = {}): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  for await (const entry of journal.read(query)) entries.push(entry);
  return entries;
};
export const idsIn = async (journal: Journal, query: Query = {}): Promise<readonly string[]> =>
  (await entriesIn(journal, query)).map(({ uplink }) => uplink.id);

/** Waits until it no longer throws; a machine that is busy with other tests may take its time. */
export const eventually = (check: () => void, withinMs = 10_000): Promise<void> =>
  vi.waitFor(check, { timeout: withinMs, interval: 5 });

/** A consumer that only remembers what it was handed. */
export const remembering = (journal: Journal) => {
  const seen: Entry[] = [];
  const consumption = journal.consume('ingest', (batch) => {
    seen.push(...batch);
    return Promise.resolve();
  });
  return { seen, ids: () => seen.map(({ uplink }) => uplink.id), stop: () => consumption.stop() };
};

/** Lets a consumer handle everything that has been appended, and stop. */
export const handleAll = async (journal: Journal): Promise<void> => {
  const { stop } = remembering(journal);
  await eventually(() => expect(journal.stats().backlog).toBe(0));
  await stop();
};

/** A promise that somebody else keeps. */
export const gate = () => Promise.withResolvers<void>();

/** Which message it was. */
export const numberOf = (uplink: Uplink): number =>
  Number(new TextDecoder().decode(uplink.payload).replaceAll(/\D/g, ''));
