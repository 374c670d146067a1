import type { ServerResponse } from 'node:http';

/** Proxies and browsers give up a connection on which nothing comes for a minute; this is well below. */
const HEARTBEAT_MS = 15_000;
/**
 * A reader that has taken nothing for so long is gone or broken: it comes back with `Last-Event-ID` and misses
 * nothing.
 */
export const STUCK_MS = 30_000;

/** Server-Sent Events (WHATWG HTML, 9.2) to one reader. Holds no event: who writes asks first whether there is room. */
export interface EventStream<Data = unknown> {
  /** False once the reader is gone, or was dropped. */
  open(): boolean;
  /** Whether what was written before still waits for the reader. */
  full(): boolean;
  send(event: { readonly id?: number; readonly name: string; readonly data: Data }): void;
  /**
   * Waits so long, or until the reader is gone or has room again. A reader that stays full for too long is dropped
   * meanwhile, a quiet stream gets a heartbeat.
   */
  pause(ms: number): Promise<void>;
  end(): void;
}

export const openEventStream = (
  response: ServerResponse,
  { stuckMs = STUCK_MS }: { readonly stuckMs?: number } = {},
): EventStream => {
  let wroteAt = performance.now();
  let fullSince: number | undefined;
  // Whoever hung up before it began is told nothing.
  let open = !response.destroyed;
  /** Ends the pause. */
  let wake = (): void => undefined;
  response.on('drain', () => wake());
  response.on('close', () => {
    open = false;
    wake();
  });
  // A reader that hangs up while something is written to it is gone, and nothing else.
  response.on('error', () => undefined);
  const write = (text: string): void => {
    wroteAt = performance.now();
    response.write(text);
  };
  const look = (): void => {
    const now = performance.now();
    fullSince = response.writableNeedDrain ? (fullSince ?? now) : undefined;
    if (fullSince !== undefined && now - fullSince >= stuckMs) response.destroy();
    else if (fullSince === undefined && now - wroteAt >= HEARTBEAT_MS) write(': still here\n\n');
  };
  // Something on the wire at once: the reader knows that it is watching.
  if (open) write(': watching\n\n');
  return {
    open: () => open,
    full: () => response.writableNeedDrain,
    send({ id, name, data }) {
      if (!open) return;
      // JSON has no ends of lines, so that one line of data holds it.
      write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    async pause(ms) {
      if (!open) return;
      // One promise that everything settles: a race with one that lives as long as the stream would gather what waits
      // for it.
      const over = Promise.withResolvers<void>();
      wake = over.resolve;
      const timer = setTimeout(wake, ms);
      await over.promise;
      clearTimeout(timer);
      if (open) look();
    },
    end() {
      if (open) response.end();
      open = false;
      wake();
    },
  };
};
