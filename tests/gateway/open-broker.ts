import pino from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openBroker, type Broker, type BrokerParts } from '../../infra/broker/broker.ts';
import type { Principal } from '../../infra/broker/session.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/index.ts';

/** A broker that lets everybody in and refuses nothing by itself, on a port of its own, closed with the test. */
export const openTestBroker = async (
  changes: Partial<BrokerParts<Principal>> = {},
): Promise<{
  readonly broker: Broker<Principal>;
  readonly port: number;
  readonly metrics: Metrics;
  readonly refused: (reason: string) => Promise<number>;
}> => {
  const metrics = openMetrics();
  const broker = await openBroker<Principal>({
    name: 'test',
    listeners: [{ host: '127.0.0.1', port: 0 }],
    limits: {
      maxConnections: 1_000,
      maxPerAddress: 1_000,
      maxPacketBytes: 65_536,
      maxSessionsPerPrincipal: 100,
      maxSubscriptions: 10,
    },
    fanOut: true,
    authenticate: ({ username = 'anybody' }) => ({ who: { name: username } }),
    authorizePublish: (_who, _message, answer) => answer(),
    authorizeSubscribe: () => true,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    metrics,
    ...changes,
  });
  onTestFinished(() => broker.close());
  return {
    broker,
    metrics,
    port: broker.addresses[0]?.port ?? 0,
    refused: async (reason) =>
      (await metrics.refused.get()).values.find(({ labels }) => labels.reason === reason)?.value ?? 0,
  };
};
