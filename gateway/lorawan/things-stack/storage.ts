import { setTimeout as pause } from 'node:timers/promises';
import { instant, iso, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { openDelivery, type Delivered, type LorawanDoorParts } from '../deliver.ts';
import type { NetworkMessage } from '../message.ts';
import type { News } from './news.ts';
import {
  justBefore,
  PageFault,
  readPage,
  type Page,
  type Span,
  type StorageApi,
  type StorageFault,
} from './storage-page.ts';

/** How a back-fill stands. Counts are of stored messages; one that was read again after a fault counts again. */
export interface BackfillProgress {
  readonly state: 'never' | 'running' | 'done' | 'failed';
  readonly from?: Instant;
  readonly to?: Instant;
  /** Everything up to this time of The Things Stack has been fetched. */
  readonly reached?: Instant;
  readonly pages: number;
  readonly appended: number;
  readonly duplicates: number;
  readonly refused: number;
  /** Requests that failed. */
  readonly faults: number;
  /** The last fault, while it runs or where it ended with it: there is none in one that is done. */
  readonly fault?: StorageFault;
}

/** Fetches from the Storage Integration of The Things Stack what it received in a span of time. */
export interface Backfill {
  readonly progress: BackfillProgress;
  /** Resolves when it is over; it never rejects. Undefined, and nothing begins, while another runs. */
  start(span: Span): Promise<BackfillProgress> | undefined;
  /** Resolves when the one that runs is over, or at once. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** How it is kept in bounds. */
export interface BackfillLimits {
  /** Messages in one answer: a few megabytes, and a commit or two. */
  readonly pageLines: number;
  /** A page that is not there after so long is asked for again. */
  readonly pageMs: number;
  /** 10 million messages: a month of a thousand sensors, every five minutes. More is a server that repeats itself. */
  readonly pagesAtMost: number;
  readonly firstWaitMs: number;
  readonly waitAtMostMs: number;
  /** Faults in a row, without a page between: with the waits about 25 minutes. */
  readonly faultsAtMost: number;
}

export const backfillLimits: BackfillLimits = {
  pageLines: 1_000,
  pageMs: 120_000,
  pagesAtMost: 10_000,
  firstWaitMs: 2_000,
  waitAtMostMs: 300_000,
  faultsAtMost: 11,
};

/** Messages on their way to the journal at once: some commits' worth, and little memory. */
const IN_FLIGHT_AT_MOST = 200;
/** A page that is full of what came within so little time cannot be halved any further. */
const NARROWEST_MS = 2;
const nothing = { pages: 0, appended: 0, duplicates: 0, refused: 0, faults: 0 };

export interface BackfillParts {
  readonly api: StorageApi;
  readonly news: News;
  readonly limits?: BackfillLimits;
}

export const openBackfill = (
  parts: LorawanDoorParts,
  { api, news, limits = backfillLimits }: BackfillParts,
): Backfill => {
  const { log, clock } = parts;
  const delivery = openDelivery(parts, 'tts-storage');
  const closing = new AbortController();
  let progress: BackfillProgress = { state: 'never', ...nothing };
  let running: Promise<BackfillProgress> | undefined;

  /** Answers why the journal did not take it; undefined where all is well. */
  const deliver = (messages: readonly NetworkMessage[]): Promise<'journal-full' | 'journal-broken' | undefined> =>
    new Promise((resolve) => {
      delivery.deliver(news.of(messages), (outcome) => {
        progress = counted(progress, outcome);
        resolve(outcome === 'journal-full' || outcome === 'journal-broken' ? outcome : undefined);
      });
    });

  const page = async ({ from, to }: Span): Promise<Page> => {
    const timeout = AbortSignal.timeout(limits.pageMs);
    let waiting: ReturnType<typeof deliver>[] = [];
    const settle = async (): Promise<void> => {
      const refused = (await Promise.all(waiting)).find((one) => one !== undefined);
      waiting = [];
      if (refused !== undefined) throw new PageFault(refused);
    };
    const reading = readPage(api, {
      from,
      to,
      limit: limits.pageLines,
      arrival: { connector: 'tts-storage', at: clock.now() },
      signal: AbortSignal.any([timeout, closing.signal]),
      take: async (messages) => {
        waiting.push(deliver(messages));
        if (waiting.length >= IN_FLIGHT_AT_MOST) await settle();
      },
    });
    // A page that broke off has some on their way as well.
    const [read] = await Promise.allSettled([reading]);
    await settle();
    if (read.status === 'rejected') throw read.reason;
    progress = { ...progress, pages: progress.pages + 1 };
    return read.value;
  };

  /** A page, and again after a wait that grows, until it is there whole. @throws PageFault */
  const patiently = async (span: Span): Promise<Page> => {
    for (let faults = 1; ; faults += 1) {
      try {
        return await page(span);
      } catch (error) {
        const fault = error instanceof PageFault ? error : new PageFault('server-error');
        if (!(error instanceof PageFault)) log.error({ err: error }, 'a page of the storage could not be handled');
        progress = { ...progress, faults: progress.faults + 1, fault: fault.fault };
        if (!fault.again || faults >= limits.faultsAtMost) throw fault;
        const waitMs = Math.min(Math.max(limits.firstWaitMs * 2 ** (faults - 1), fault.waitMs), limits.waitAtMostMs);
        if (faults === 1)
          log.warn({ reason: fault.fault }, 'the storage of The Things Stack cannot be read: it is asked again');
        await pause(waitMs, undefined, { signal: closing.signal, ref: false }).catch(() => {
          throw new PageFault('stopped', { again: false });
        });
      }
    }
  };

  const all = async ({ from, to }: Span): Promise<void> => {
    let after = from;
    let before = to;
    for (let pages = 0; after < to; pages += 1) {
      if (pages >= limits.pagesAtMost) throw new PageFault('too-much', { again: false });
      const { lines, newest, ascending } = await patiently({ from: after, to: before });
      if (ascending && newest !== undefined && justBefore(newest) > after) {
        // However many lines a server gives at most: it is asked for what follows until nothing does.
        after = justBefore(newest);
      } else if (lines < limits.pageLines) {
        after = before === to ? to : justBefore(before);
        before = to;
      } else {
        // A full page in an order that was not asked for says nothing of what it left out: half of the span has less.
        if (before - after <= NARROWEST_MS) throw new PageFault('too-dense', { again: false });
        before = instant(after + (before - after) / 2);
      }
      progress = { ...progress, reached: after };
    }
  };

  const run = async (span: Span): Promise<BackfillProgress> => {
    progress = { state: 'running', ...nothing, ...span, reached: span.from };
    log.info({ from: iso(span.from), to: iso(span.to) }, 'fetching from the storage of The Things Stack');
    try {
      await all(span);
      // What failed on the way was made up for.
      const { fault: _fault, ...rest } = progress;
      progress = { ...rest, state: 'done' };
      log.info(figures(progress), 'the storage of The Things Stack has been fetched');
    } catch (error) {
      const fault = error instanceof PageFault ? error.fault : 'server-error';
      progress = { ...progress, state: 'failed', fault };
      if (fault !== 'stopped') log.error({ reason: fault, ...figures(progress) }, advice[fault] ?? givenUp);
    }
    running = undefined;
    return progress;
  };

  return {
    get progress() {
      return progress;
    },
    start(span) {
      if (running !== undefined || closing.signal.aborted) return undefined;
      running = run(span);
      return running;
    },
    settled: async () => {
      await running;
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
};

const counted = (before: BackfillProgress, outcome: Delivered): BackfillProgress => {
  if (outcome === 'told') return before;
  if (outcome === 'appended') return { ...before, appended: before.appended + 1 };
  if (outcome === 'duplicate') return { ...before, duplicates: before.duplicates + 1 };
  return { ...before, refused: before.refused + 1 };
};

/** Without the time spans: what the log says of the result. */
const figures = ({ pages, appended, duplicates, refused, faults }: BackfillProgress) => ({
  pages,
  appended,
  duplicates,
  refused,
  faults,
});

const givenUp = 'fetching from the storage of The Things Stack was given up: it begins anew with the next connection';
const advice: Partial<Record<StorageFault, string>> = {
  'key-refused': 'The Things Stack refuses thingsStack.apiKey: it needs the right to read application traffic',
  'storage-missing': 'there is no Storage Integration at thingsStack.apiUrl: activate it for the application',
  'request-refused': 'The Things Stack refuses the request: look at thingsStack.apiUrl and thingsStack.applicationId',
};
