import { Compile } from 'typebox/compile';
import { PreviewOut } from '../../dashboard/preview/shape.ts';
import { Unavailable } from '../../device-profiles/vocabulary/index.ts';
import { problemOf, type Server } from '../ask.ts';
import type { Terminal } from './terminal.ts';

const AGAIN_MS = 2_000;
const isPreview = Compile(PreviewOut);

export interface RemoteWatch extends Server {
  readonly device: string;
  readonly last: number;
  /** Ends after so many. */
  readonly events: number | undefined;
}

/**
 * Follows the watch of a server elsewhere. A connection that breaks is made again, from the last uplink that was
 * shown.
 * @throws NotFound, Invalid or KerbsideError with what the server answers; Unavailable (`server-unreachable`) where
 * there is none at first.
 */
export const watchRemotely = async (
  terminal: Terminal,
  { url, key, device, last, events }: RemoteWatch,
): Promise<void> => {
  let seen: string | undefined;
  let shown = 0;
  let answered = false;
  while (terminal.open()) {
    const query = new URLSearchParams({
      last: String(last),
      ...(events === undefined ? {} : { events: String(events - shown) }),
    });
    const address = `${url}/api/v1/devices/${encodeURIComponent(device)}/watch?${query.toString()}`;
    const answer = await ask(address, { key, seen, signal: terminal.signal });
    if (answer === undefined && !answered && terminal.open())
      throw new Unavailable('server-unreachable', `nothing answers at ${url}`);
    answered = true;
    if (answer !== undefined) {
      for await (const event of eventsOf(answer)) {
        seen = event.id;
        terminal.show(event.preview);
        shown += 1;
        if (shown === events) return terminal.end();
      }
    }
    await terminal.pause(AGAIN_MS);
  }
};

/** The answer of a watch; undefined when there is no server. */
const ask = async (
  address: string,
  { key, seen, signal }: { readonly key: string; readonly seen: string | undefined; readonly signal: AbortSignal },
): Promise<Response | undefined> => {
  let answer: Response;
  try {
    answer = await fetch(address, {
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'text/event-stream',
        ...(seen === undefined ? {} : { 'last-event-id': seen }),
      },
      signal,
    });
  } catch {
    return undefined;
  }
  if (answer.ok) return answer;
  // Busy, or starting: later.
  if (answer.status === 503 || answer.status === 429) return undefined;
  throw await problemOf(answer);
};

/** The uplinks of a stream, until it ends or breaks. */
async function* eventsOf({ body }: Response): AsyncGenerator<{ readonly id: string; readonly preview: PreviewOut }> {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    // A connection that breaks ends like one that ends: whoever watches asks again, from the last that it has seen.
    const { value } = await reader.read().catch(() => ({ value: undefined }));
    if (value === undefined) return;
    text += value;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      const preview: unknown = JSON.parse(fieldOf(event, 'data') ?? 'null');
      if (isPreview.Check(preview)) yield { id: fieldOf(event, 'id') ?? '', preview };
    }
  }
}

/** A field of an event: our server writes each on one line. */
const fieldOf = (event: string, name: string): string | undefined =>
  event
    .split('\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);
