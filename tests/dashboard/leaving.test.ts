import { once } from 'node:events';
import { createServer, request, type RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { leaving } from '../../dashboard/api/leaving.ts';

/** A server on a port of its own, for one test. */
const serving = async (listener: RequestListener, work: (url: string) => Promise<void>): Promise<void> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server on loopback has a port');
  try {
    await work(`http://127.0.0.1:${address.port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

test('an answer is waited for after its request was read, until it is sent', async () => {
  const seen: boolean[] = [];
  const sent = Promise.withResolvers<void>();
  await serving(
    (asked, response) => {
      const signal = leaving(response);
      signal.addEventListener('abort', () => sent.resolve());
      asked.on('data', () => seen.push(signal.aborted));
      asked.on('close', () => {
        seen.push(signal.aborted);
        response.end('done');
      });
    },
    async (url) => {
      expect(await (await fetch(url, { method: 'POST', body: 'asked' })).text()).toBe('done');
      await sent.promise;
    },
  );
  expect(seen).toEqual([false, false]);
});

test('nobody waits for an answer once its client has left', async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  await serving(
    (asked, response) => {
      asked.resume();
      asked.on('end', () => begun.resolve(leaving(response)));
    },
    async (url) => {
      const client = request(url, { method: 'POST' });
      client.on('error', () => {});
      client.end('asked');
      const signal = await begun.promise;
      expect(signal.aborted).toBe(false);
      client.destroy();
      await once(signal, 'abort');
    },
  );
});
