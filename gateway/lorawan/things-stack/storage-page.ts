import { instant, iso, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { isObject, readObject } from '../json.ts';
import type { NetworkMessage } from '../message.ts';
import { messagesOf, type Arrival } from './message.ts';
import { timeOf } from './radio.ts';
import { linesOf } from './storage-lines.ts';

/** Why a page of the Storage Integration was not read to its end. */
export const storageFaults = [
  'key-refused',
  'storage-missing',
  'request-refused',
  'too-many-requests',
  'server-error',
  'unreachable',
  'timeout',
  'cut',
  'too-dense',
  'too-much',
  'journal-full',
  'journal-broken',
  'stopped',
] as const;
export type StorageFault = (typeof storageFaults)[number];

/** The page has to be read again, or, where `again` is false, somebody has to do something first. */
export class PageFault extends Error {
  override readonly name = 'PageFault';
  readonly fault: StorageFault;
  readonly again: boolean;
  /** How long the server asks to be left alone. */
  readonly waitMs: number;
  constructor(fault: StorageFault, { again = true, waitMs = 0 }: { again?: boolean; waitMs?: number } = {}) {
    super(fault);
    this.fault = fault;
    this.again = again;
    this.waitMs = waitMs;
  }
}

/** Where the API is, and how we sign in. */
export interface StorageApi {
  readonly url: string;
  readonly applicationId: string;
  readonly apiKey: string;
}

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** What a page held. */
export interface Page {
  readonly lines: number;
  /** Newest time of receipt by The Things Stack. */
  readonly newest: Instant | undefined;
  /** In the order that was asked for. */
  readonly ascending: boolean;
}

export interface PageQuery extends Span {
  readonly limit: number;
  readonly arrival: Arrival;
  readonly signal: AbortSignal;
  /** Given each message in turn, and awaited. @throws PageFault */
  readonly take: (messages: readonly NetworkMessage[]) => Promise<void>;
}

/**
 * Reads one page: `GET /api/v3/as/applications/{id}/packages/storage/uplink_message`, a line of JSON for each uplink,
 * `{"result": {...}}`, or `{"error": {...}}` where it broke off (reference of The Things Stack, Storage Integration).
 * @throws PageFault
 */
export const readPage = async (api: StorageApi, query: PageQuery): Promise<Page> => {
  const { take, arrival, signal } = query;
  let lines = 0;
  let newest: Instant | undefined;
  let ascending = true;
  try {
    for await (const line of linesOf(await answerOf(api, query))) {
      lines += 1;
      if (line.kind === 'too-long') {
        await take([{ kind: 'refused', reason: 'payload-too-large', detail: 'a stored message' }]);
        continue;
      }
      const read = readObject(line.bytes);
      if (read.kind === 'refused') {
        // Without its end a line that cannot be read is one that was cut.
        if (line.kind === 'rest') throw new PageFault('cut');
        await take([read]);
        continue;
      }
      const { error, result } = read.value;
      if (error !== undefined) throw new PageFault('cut');
      if (!isObject(result)) {
        await take([{ kind: 'refused', reason: 'wrong-shape', detail: 'a line of the storage without a result' }]);
        continue;
      }
      const at = typeof result['received_at'] === 'string' ? timeOf(result['received_at']) : undefined;
      if (at !== undefined) {
        if (newest !== undefined && at < newest) ascending = false;
        else newest = at;
      }
      await take(messagesOf(result, arrival));
    }
  } catch (error) {
    throw faultOf(error, signal);
  }
  return { lines, newest, ascending };
};

const answerOf = async (
  api: StorageApi,
  { from, to, limit, signal }: PageQuery,
): Promise<AsyncIterable<Uint8Array>> => {
  const application = encodeURIComponent(api.applicationId);
  const base = `${api.url.replace(/\/+$/, '')}/api/v3/as/applications/${application}/packages/storage/uplink_message`;
  const query = new URLSearchParams({ after: iso(from), before: iso(to), order: 'received_at', limit: String(limit) });
  const response = await fetch(`${base}?${query.toString()}`, {
    headers: { authorization: `Bearer ${api.apiKey}`, accept: 'text/event-stream' },
    // The key is for that server and none that it points to.
    redirect: 'error',
    signal,
  });
  if (response.status === 200 && response.body !== null) return response.body;
  await response.body?.cancel();
  throw statusFault(response);
};

const statusFault = ({ status, headers }: Response): PageFault => {
  if (status === 429) {
    const seconds = Number(headers.get('retry-after') ?? '');
    return new PageFault('too-many-requests', { waitMs: Number.isFinite(seconds) ? seconds * 1000 : 0 });
  }
  if (status === 401 || status === 403) return new PageFault('key-refused', { again: false });
  // 501 is what an installation without the Storage Integration says to all its routes.
  if (status === 404 || status === 501) return new PageFault('storage-missing', { again: false });
  return status >= 500 || status === 408
    ? new PageFault('server-error')
    : new PageFault('request-refused', { again: false });
};

const faultOf = (error: unknown, signal: AbortSignal): PageFault => {
  if (error instanceof PageFault) return error;
  if (!signal.aborted) return new PageFault(hasBegun(error) ? 'cut' : 'unreachable');
  const timedOut = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
  return new PageFault(timedOut ? 'timeout' : 'stopped', { again: timedOut });
};

/** undici says `terminated` when an answer ends before its end, and `fetch failed` when there was none. */
const hasBegun = (error: unknown): boolean => error instanceof Error && error.message === 'terminated';

/** A millisecond before, so that what came in the same one is not left out; what comes twice is one. */
export const justBefore = (time: Instant): Instant => instant(time - 1);
