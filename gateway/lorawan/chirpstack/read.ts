import { readObject, type Json } from '../json.ts';
import type { NetworkMessage } from '../message.ts';
import { readAck, readJoin, readLocated, readLog, readStatus, readTxAck } from './device-news.ts';
import { readConn, readStats } from './gateway-news.ts';
import { jsonFromProtobuf } from './protobuf.ts';
import { faultIn, isMessageKind, shapes, type MessageKind } from './shapes.ts';
import { readUp } from './uplink-event.ts';
import { refused, type Envelope } from './values.ts';

/**
 * What one message of ChirpStack says. Which of the two forms it has shows in its first byte: JSON begins with a brace
 * (or what may stand before it), and no field of these messages does. It never throws.
 * @param kind the event, as the topic or the query names it: `up`, `join`.
 */
export const readChirpstack = (kind: string, bytes: Uint8Array, envelope: Envelope): readonly NetworkMessage[] => {
  if (!isMessageKind(kind)) return [refused('event-unknown', `the event "${kind.slice(0, 40)}" is not read`)];
  if (looksLikeJson(bytes)) return readJson(kind, bytes, envelope);
  // No field at all is a message of Protocol Buffers too, but none that ChirpStack sends.
  if (bytes.length === 0) return [refused('not-protobuf', 'nothing at all')];
  const json = jsonFromProtobuf(kind, bytes);
  return json === undefined
    ? [refused('not-protobuf', `${bytes.length} bytes that are neither JSON nor a whole ${kind} event`)]
    : readForm(kind, json, envelope);
};

/** The same for a message that says that it is JSON. */
export const readJson = (kind: MessageKind, bytes: Uint8Array, envelope: Envelope): readonly NetworkMessage[] => {
  const object = readObject(bytes);
  return object.kind === 'refused' ? [object] : readForm(kind, object.value, envelope);
};

/** `{`, a space, a tab, or the byte-order mark. A newline is also how an event of Protocol Buffers begins. */
const looksLikeJson = (bytes: Uint8Array): boolean => [0x7b, 0x20, 0x09, 0xef].includes(bytes[0] ?? 0);

/** The one reader in which both forms meet. */
const readForm = (kind: MessageKind, value: Json, envelope: Envelope): readonly NetworkMessage[] => {
  switch (kind) {
    case 'up':
      if (shapes.up.Check(value)) return readUp(value, envelope);
      break;
    case 'join':
      if (shapes.join.Check(value)) return readJoin(value, envelope);
      break;
    case 'status':
      if (shapes.status.Check(value)) return readStatus(value, envelope);
      break;
    case 'log':
      if (shapes.log.Check(value)) return readLog(value, envelope);
      break;
    case 'ack':
      if (shapes.ack.Check(value)) return readAck(value, envelope);
      break;
    case 'txack':
      if (shapes.txack.Check(value)) return readTxAck(value, envelope);
      break;
    case 'location':
      if (shapes.location.Check(value)) return readLocated(value, envelope);
      break;
    case 'stats':
      if (shapes.stats.Check(value)) return readStats(value, envelope);
      break;
    case 'conn':
      if (shapes.conn.Check(value)) return readConn(value, envelope);
      break;
  }
  return [refused('wrong-shape', faultIn(kind, value))];
};
