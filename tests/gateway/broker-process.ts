/** The broker as a process of its own, so that its memory can be told from its attackers'. Run with `--expose-gc`. */
import pino from 'pino';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openBroker } from '../../infra/broker/broker.ts';
import { openMetrics } from '../../infra/metrics/index.ts';

const broker = await openBroker({
  name: 'test',
  listeners: [{ host: '127.0.0.1', port: 0 }],
  limits: {
    maxConnections: 1_000,
    maxPerAddress: 1_000,
    maxPacketBytes: 65_536,
    maxSessionsPerPrincipal: 100,
    maxSubscriptions: 10,
  },
  fanOut: false,
  authenticate: () => ({ who: { name: 'anybody' } }),
  authorizePublish: (_who, _message, answer) => answer(),
  authorizeSubscribe: () => true,
  clock: systemClock,
  log: pino({ level: 'silent' }),
  metrics: openMetrics(),
});

const report = async (): Promise<void> => {
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc?.();
    await pause(50);
  }
  process.send?.({ rss: process.memoryUsage().rss, sessions: broker.sessions });
};

process.on('message', () => void report());
process.on('disconnect', () => process.exit());
process.send?.({ port: broker.addresses[0]?.port });
