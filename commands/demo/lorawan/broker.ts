import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';

/** The broker between the simulated ChirpStack and Kerbside: a real one, on a free port of this machine. */
export interface DemoBroker {
  readonly url: string;
  /** Made for this run: nobody else on the machine publishes into the demo. */
  readonly username: string;
  readonly password: string;
  /** Resolves once somebody has subscribed to what matches the topic, or after `ms`. Answers whether somebody has. */
  subscribed(topic: string, ms: number): Promise<boolean>;
  close(): Promise<void>;
}

const USERNAME = 'demo';

export const openDemoBroker = async (): Promise<DemoBroker> => {
  const password = randomBytes(18).toString('base64url');
  const filters = new Set<string>();
  const broker = await Aedes.createBroker({
    authenticate: (_client, username, given, done) => {
      const bytes = Buffer.from(password);
      done(null, username === USERNAME && given?.length === bytes.length && timingSafeEqual(given, bytes));
    },
  });
  const heard = new EventTarget();
  broker.on('subscribe', (subscriptions) => {
    for (const { topic } of subscriptions) filters.add(topic);
    heard.dispatchEvent(new Event('subscribe'));
  });
  // A client that goes without a word is nobody's fault here.
  broker.on('clientError', () => undefined);
  broker.on('connectionError', () => undefined);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    broker.handle(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const isSubscribed = (topic: string): boolean => [...filters].some((filter) => matches(filter, topic));
  return {
    url: `mqtt://127.0.0.1:${port}`,
    username: USERNAME,
    password,
    subscribed: async (topic, ms) => {
      const deadline = AbortSignal.timeout(ms);
      while (!isSubscribed(topic) && !deadline.aborted)
        await once(heard, 'subscribe', { signal: deadline }).catch(() => undefined);
      return isSubscribed(topic);
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
};

/** Level by level, `+` for any one and `#` for all that follow [MQTT-4.7.1]. Shared subscriptions say whose first. */
const matches = (filter: string, topic: string): boolean => {
  const wanted = filter.replace(/^\$share\/[^/]+\//, '').split('/');
  const levels = topic.split('/');
  if (wanted.at(-1) !== '#' && wanted.length !== levels.length) return false;
  return wanted.every((level, index) => level === '#' || level === '+' || level === levels[index]);
};
