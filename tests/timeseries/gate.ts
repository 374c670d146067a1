import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** A request that waits at the gate. */
export interface Held {
  /** Resolves when it is there. */
  readonly arrived: Promise<void>;
  readonly release: () => void;
}

interface Waiting {
  readonly is: (body: string) => boolean;
  /** Whether it waits before it reaches the server, or its answer does. */
  readonly what: 'request' | 'answer';
  readonly arrive: () => void;
  readonly released: Promise<void>;
}

/** Stands before InfluxDB, and holds what a test wants held: so requests end in the order that the test says. */
export const openGate = async (target: string) => {
  const waiting = new Set<Waiting>();
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = decodeURIComponent((await text(request)).replaceAll('+', ' '));
      const held = [...waiting].find(({ is }) => is(body));
      if (held !== undefined) waiting.delete(held);
      const wait = async (what: Waiting['what']): Promise<void> => {
        if (held?.what !== what) return;
        held.arrive();
        await held.released;
      };
      await wait('request');
      const form = request.headers['content-type'] === 'application/x-www-form-urlencoded';
      const answer = await fetch(`${target}${request.url ?? ''}`, {
        method: request.method ?? 'POST',
        body: form ? new URLSearchParams({ q: body.slice(2) }) : body,
      });
      const content = await answer.text();
      await wait('answer');
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(content);
    };
    pass().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    /** Holds the next request whose body is that. */
    hold(what: Waiting['what'], is: (body: string) => boolean): Held {
      const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      waiting.add({ is, what, arrive: arrived.resolve, released: released.promise });
      return { arrived: arrived.promise, release: released.resolve };
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
