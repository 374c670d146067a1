import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * How the way to a server is:
 * `pass` open; `refuse` nobody listens (ECONNREFUSED), and open connections are cut; `hang` connections are taken and
 * nothing goes through either way; `reset` connections are taken and reset (RST) at their first byte; `deaf` what is
 * sent arrives, no answer ever comes back; `cut-answer` what is sent arrives, and the connection is reset in place
 * of the answer: done, but nobody was told; `delay` each piece is held back by `delayMs`.
 */
export type ProxyMode = 'pass' | 'refuse' | 'hang' | 'reset' | 'deaf' | 'cut-answer' | 'delay';

export interface FaultProxy {
  /** On 127.0.0.1, the same in every mode. */
  readonly port: number;
  /** Holds for connections that are open as well. Resolves when it is so. */
  mode(mode: ProxyMode, options?: { readonly delayMs: number }): Promise<void>;
  /** Connections taken since the start. */
  connections(): number;
  stop(): Promise<void>;
}

/** A TCP proxy before a server on 127.0.0.1 whose faults a test turns on and off. */
export const startProxy = async ({ port: target }: { port: number }): Promise<FaultProxy> => {
  let mode: ProxyMode = 'pass';
  let delayMs = 0;
  let taken = 0;
  let listener: Server | undefined;
  const open = new Set<Link>();

  const take = (client: Socket): void => {
    taken += 1;
    const link = { client, server: connect({ host: '127.0.0.1', port: target, noDelay: true }) };
    open.add(link);
    wire(link, { mode: () => mode, delayMs: () => delayMs, closed: () => open.delete(link) });
  };
  const listen = async (port: number): Promise<number> => {
    listener = createServer({ noDelay: true }, take).listen(port, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  };
  const shut = async (): Promise<void> => {
    const closing = listener;
    listener = undefined;
    const closed = closing === undefined ? undefined : new Promise<void>((resolve) => closing.close(() => resolve()));
    cut(open);
    await closed;
  };

  const port = await listen(0);
  return {
    port,
    mode: async (next, options) => {
      // What a hanging connection swallowed is gone: a stream with a hole in it must not go on as if nothing was.
      if (next !== mode && ['hang', 'deaf'].includes(mode)) cut(open);
      mode = next;
      delayMs = options?.delayMs ?? 0;
      if (next === 'refuse') await shut();
      else if (listener === undefined) await listen(port);
    },
    connections: () => taken,
    stop: shut,
  };
};

interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

interface Rules {
  readonly mode: () => ProxyMode;
  readonly delayMs: () => number;
  readonly closed: () => void;
}

const cut = (links: Iterable<Link>): void => {
  for (const { client, server } of links) {
    client.resetAndDestroy();
    server.destroy();
  }
};

const wire = (link: Link, { mode, delayMs, closed }: Rules): void => {
  const { client, server } = link;
  const pass = (to: Socket, piece: Buffer): void => {
    if (mode() !== 'delay') to.write(piece);
    else setTimeout(() => to.writable && to.write(piece), delayMs());
  };
  client.on('data', (piece: Buffer) => {
    if (mode() === 'reset') cut([link]);
    else if (mode() !== 'hang') pass(server, piece);
  });
  server.on('data', (piece: Buffer) => {
    if (mode() === 'cut-answer' || mode() === 'reset') cut([link]);
    else if (mode() !== 'hang' && mode() !== 'deaf') pass(client, piece);
  });
  // An orderly end is passed on in order; the rest, such as a server that is down, shows as a reset connection.
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.on('error', () => cut([link]));
    socket.on('close', () => {
      // On a line that carries nothing back, the end does not come through either.
      const unheard = socket === server && (mode() === 'hang' || mode() === 'deaf');
      if (!unheard) setTimeout(() => other.destroySoon(), mode() === 'delay' ? delayMs() : 0);
      if (other.destroyed) closed();
    });
  }
};
