import type { Duplex } from 'node:stream';

/** What the first bytes of a connection are, before anything in them is believed. */
export type FirstPacket =
  | { readonly is: 'connect' }
  /** So far so good, but not the whole packet yet. */
  | { readonly is: 'partial' }
  | { readonly is: 'refused'; readonly reason: 'not-mqtt' | 'connect-too-large' }
  | {
      readonly is: 'refused';
      readonly reason: 'protocol-unsupported';
      readonly version: number;
      readonly clientId: string | undefined;
    };

const CONNECT = 0x10;
/** MQTT 3.1 and 3.1.1: what aedes speaks. */
const versions = new Set([3, 4]);
/** Mosquitto's bridges set the top bit of the version to say that they are bridges. */
const BRIDGE_BIT = 0x80;

/**
 * Reads the head of a CONNECT (MQTT 3.1.1, 3.1; its beginning is the same in 3.1 and 5). A packet that claims more than
 * `atMostBytes` is refused as soon as its length is known, however little of it has come.
 */
export const readFirstPacket = (bytes: Buffer, atMostBytes: number): FirstPacket => {
  if (bytes.length === 0) return { is: 'partial' };
  if (bytes[0] !== CONNECT) return { is: 'refused', reason: 'not-mqtt' };
  const remaining = readLength(bytes, 1);
  if (remaining === 'too-long') return { is: 'refused', reason: 'not-mqtt' };
  if (remaining === undefined) return { is: 'partial' };
  const end = remaining.next + remaining.value;
  if (end > atMostBytes) return { is: 'refused', reason: 'connect-too-large' };
  if (bytes.length < end) return { is: 'partial' };

  const packet = bytes.subarray(0, end);
  const protocol = readText(packet, remaining.next);
  const version = protocol === undefined ? undefined : packet[protocol.next];
  if (protocol === undefined || version === undefined || (protocol.text !== 'MQTT' && protocol.text !== 'MQIsdp')) {
    return { is: 'refused', reason: 'not-mqtt' };
  }
  if (versions.has(version & ~BRIDGE_BIT)) return { is: 'connect' };
  return {
    is: 'refused',
    reason: 'protocol-unsupported',
    version,
    clientId: version === 5 ? clientIdOf5(packet, protocol.next) : undefined,
  };
};

/** MQTT 5, 3.1.2 and 3.1.3: version, flags, keep alive (2), properties with their length before them, client id. */
const clientIdOf5 = (packet: Buffer, versionAt: number): string | undefined => {
  const properties = readLength(packet, versionAt + 4);
  if (properties === undefined || properties === 'too-long') return undefined;
  return readText(packet, properties.next + properties.value)?.text;
};

/** A length of one to four bytes, seven bits each, lowest first (MQTT 3.1.1, 2.2.3). */
const readLength = (
  bytes: Buffer,
  at: number,
): { readonly value: number; readonly next: number } | 'too-long' | undefined => {
  let value = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return 'too-long';
};

const readText = (packet: Buffer, at: number): { readonly text: string; readonly next: number } | undefined => {
  if (at + 2 > packet.length) return undefined;
  const next = at + 2 + packet.readUInt16BE(at);
  return next > packet.length ? undefined : { text: packet.toString('utf8', at + 2, next), next };
};

/**
 * The answer to a version that is not spoken here, in the form that its sender understands: CONNACK of MQTT 5 with
 * 0x84, of 3.1.1 with 1.
 */
export const unsupportedVersionAnswer = (version: number): Buffer =>
  version >= 5 ? Buffer.of(0x20, 3, 0, 0x84, 0) : Buffer.of(0x20, 2, 0, 1);

export type Arrival =
  FirstPacket | { readonly is: 'refused'; readonly reason: 'connect-timeout' } | { readonly is: 'gone' };

/**
 * Waits for a whole CONNECT and then puts every byte back, so that the broker reads the stream from its beginning.
 * Until then a stranger holds at most `atMostBytes` and one chunk of the socket, for at most `withinMs`.
 */
export const awaitConnect = (
  stream: Duplex,
  { atMostBytes, withinMs }: { readonly atMostBytes: number; readonly withinMs: number },
  done: (arrival: Exclude<Arrival, { is: 'partial' }>) => void,
): void => {
  let held = Buffer.alloc(0);
  const finish = (arrival: Exclude<Arrival, { is: 'partial' }>): void => {
    clearTimeout(timer);
    stream.removeListener('readable', look);
    stream.removeListener('close', gone);
    if (arrival.is === 'connect') stream.unshift(held);
    done(arrival);
  };
  const look = (): void => {
    for (let chunk: unknown = stream.read(); chunk instanceof Buffer; chunk = stream.read()) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const first = readFirstPacket(held, atMostBytes);
      if (first.is === 'partial') continue;
      finish(first);
      return;
    }
  };
  const gone = (): void => finish({ is: 'gone' });
  const timer = setTimeout(() => finish({ is: 'refused', reason: 'connect-timeout' }), withinMs);
  stream.on('readable', look);
  stream.on('close', gone);
};
