import type { NetworkMessage, NetworkRefused } from '../message.ts';
import type { Conn, Stats } from './shapes.ts';
import { gatewayOf, positionOf, refused, type Envelope } from './values.ts';

/** `stats` of a gateway: what it counted since the last ones, every 30 s unless it is told otherwise. */
export const readStats = (event: Stats, envelope: Envelope): readonly NetworkMessage[] => {
  const gateway = speaker(event, envelope);
  if (typeof gateway !== 'string') return [gateway];
  const position = positionOf(event.location);
  return [
    {
      kind: 'stats',
      gateway,
      connector: envelope.connector,
      at: envelope.at,
      received: event.rxPacketsReceived ?? 0,
      receivedOk: event.rxPacketsReceivedOk ?? 0,
      downlinks: event.txPacketsReceived ?? 0,
      emitted: event.txPacketsEmitted ?? 0,
      ...(position === undefined ? {} : { position }),
    },
  ];
};

/** `conn` of a gateway. Offline is the zero of its kind, which JSON leaves out. */
export const readConn = (event: Conn, envelope: Envelope): readonly NetworkMessage[] => {
  const gateway = speaker(event, envelope);
  if (typeof gateway !== 'string') return [gateway];
  const state = event.state ?? 'OFFLINE';
  if (state !== 'ONLINE' && state !== 'OFFLINE') return [refused('wrong-shape', 'state is neither ONLINE nor OFFLINE')];
  return [{ kind: 'connection', gateway, connector: envelope.connector, at: envelope.at, online: state === 'ONLINE' }];
};

/** The gateway, as the message and its topic agree. Bridges before v4 say it in bytes. */
const speaker = (event: Stats | Conn, { gateway: named }: Envelope): string | NetworkRefused => {
  const legacy = Buffer.from(event.gatewayIdLegacy ?? '', 'base64');
  const own = gatewayOf(event.gatewayId) ?? (legacy.length === 8 ? legacy.toString('hex') : undefined);
  const topic = gatewayOf(named);
  if (own !== undefined && topic !== undefined && own !== topic)
    return refused('wrong-shape', `the topic names the gateway ${topic}, the message ${own}`);
  return own ?? topic ?? refused('wrong-shape', 'gatewayId is not there');
};
