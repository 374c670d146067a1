import { startMosquitto } from '../../servers/mosquitto.ts';
import { startChild } from '../child.ts';
import { SinkReply } from '../orders.ts';
import { own } from '../owned.ts';
import { deviceIds, type Subject } from '../subject.ts';

/**
 * Nothing is dropped for being too much, in the broker's queue (`max_queued_messages`) or on its way
 * (`max_inflight_messages`): what is measured is speed, not the defaults for small machines.
 */
export const UNLIMITED = [
  'persistence false',
  'max_queued_messages 0',
  'max_inflight_messages 0',
  'log_type error',
  'log_type information',
];

const SUBSCRIBED_WITHIN_MS = 10_000;

/** Mosquitto by itself, in memory, with one subscriber that throws away. `stored` is what that subscriber got. */
export const startMosquittoAlone = async (devices: number, qos: 0 | 1): Promise<Subject> => {
  const server = await startMosquitto({ config: UNLIMITED });
  const stopServer = own(() => server.stop());
  const sink = startChild('sink.ts', SinkReply);
  sink.tell({ order: 'subscribe', port: server.port, qos });
  const first = await sink.reply(SUBSCRIBED_WITHIN_MS);
  if (first.reply === 'failed') throw new Error(`the subscriber failed: ${first.why}`);
  let received = 0;
  sink.onReply((reply) => {
    if (reply.reply === 'count') received = reply.received;
  });
  return {
    port: server.port,
    devices: deviceIds(devices).map((id) => ({ id })),
    pids: () => [server.pid()],
    stored: () => Promise.resolve(received),
    stop: async () => {
      await sink.stop();
      await stopServer();
    },
  };
};
