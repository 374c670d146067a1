import mqtt from 'mqtt';
import { connState, joinEvent, statsEvent, statusEvent, upEvents, type Published } from './chirpstack-words.ts';
import { gateways, isSilent, type DemoGateway } from './gateways.ts';
import type { DemoBroker } from './broker.ts';
import type { DemoNetwork, World } from './world.ts';

/** A status comes with one frame in so many: at the demo's pace about every ten minutes. */
const STATUS_EACH = 20;
const STATS_EVERY_MS = 30_000;

interface Own {
  readonly gateway: DemoGateway;
  readonly counts: { received: number; receivedOk: number };
  /** Undefined until it was said. */
  online: boolean | undefined;
  saidMs: number;
}

/** ChirpStack's part: events through a real broker at QoS 0, which is its default, and nothing kept for who is away. */
export const openChirpstack = async (broker: DemoBroker, world: World): Promise<DemoNetwork> => {
  const { seed, begunMs, sessions, tally } = world;
  const { url, username, password } = broker;
  const client = await mqtt.connectAsync(url, { clientId: 'chirpstack', username, password, protocolVersion: 4 });
  client.on('error', () => undefined);
  let ready: Promise<unknown> = Promise.resolve();
  const publish = ({ topic, payload, retain }: Published): void => {
    // aedes keeps what is retained before it delivers it, and takes a message that a later one has overtaken for a
    // repeat: what follows waits until it is through.
    const how = { qos: retain ? 1 : 0, retain } as const;
    ready = ready.then(() => client.publishAsync(topic, payload, how)).catch(() => undefined);
    if (topic.endsWith('/event/up')) tally.published.up += 1;
    else tally.published.others += 1;
  };
  const joined = new Set<string>();
  const own = gateways
    .filter(({ network }) => network === 'chirpstack')
    .map((gateway): Own => ({ gateway, counts: { received: 0, receivedOk: 0 }, online: undefined, saidMs: 0 }));
  const countOf = ({ eui }: DemoGateway) => own.find(({ gateway }) => gateway.eui === eui)?.counts;

  return {
    take: (frame) => {
      const { sensor, hearings, fCnt } = frame;
      const devAddr = sessions.get(sensor.id)?.devAddr ?? '';
      for (const { gateway } of hearings) {
        const counts = countOf(gateway);
        if (counts !== undefined) {
          counts.received += 1;
          counts.receivedOk += 1;
        }
      }
      // The server says that a device has joined when it hears its first frame; in an earlier run it has.
      if (fCnt < FIRST_FRAMES && !joined.has(sensor.id)) publish(joinEvent(frame, devAddr));
      joined.add(sensor.id);
      for (let copy = 0; copy < (frame.plays.includes('duplicate') ? 2 : 1); copy += 1)
        for (const event of upEvents(frame, { devAddr, copy })) publish(event);
      if (fCnt % STATUS_EACH === 1) publish(statusEvent(frame));
    },
    tick: (nowMs) => {
      for (const each of own) {
        const online = !isSilent(seed, each.gateway, nowMs - begunMs);
        if (online !== each.online) publish(connState(each.gateway, online));
        each.online = online;
        if (!online || nowMs - each.saidMs < STATS_EVERY_MS) continue;
        each.saidMs = nowMs;
        const { received, receivedOk } = each.counts;
        // Noise that looked like a frame: a radio's daily bread.
        publish(statsEvent(each.gateway, nowMs, { received: received + 1, receivedOk }));
        each.counts.received = 0;
        each.counts.receivedOk = 0;
      }
    },
    close: async () => {
      await ready;
      await client.endAsync();
    },
  };
};

/** The first of a session may go unheard. */
const FIRST_FRAMES = 5;
