import { generate } from 'mqtt-packet';

/**
 * The message that every stack under measurement gets: five values and the device's own time, as the profile
 * `kerbside/canonical` has them. All numbers keep their width, so that a message is made by writing digits into a
 * copy of the last one and the process that makes the load stays cheap.
 */
const PAYLOAD = '{"time":0000000000000,"pm2_5":00.00,"pm10":00.00,"no2":00.00,"temperature":00.00,"humidity":00.00}';

/**
 * The values of a message, in hundredths: where their digits stand, and between which bounds they wander, a few hundredths
 * at a time, as air does: values that leap about are taken for spikes, and each would be corrected in the store.
 */
const VALUES = [
  { key: 'pm2_5', from: 1000, span: 3500 },
  { key: 'pm10', from: 6500, span: 2000 },
  { key: 'no2', from: 1000, span: 7000 },
  { key: 'temperature', from: 1000, span: 1500 },
  { key: 'humidity', from: 3000, span: 6500 },
].map(({ key, from, span }) => ({ at: PAYLOAD.indexOf(`"${key}":`) + key.length + 3, from, span }));
const TIME_AT = PAYLOAD.indexOf('"time":') + 7;

/**
 * Alerts that open and close are part of the work: of each thousand messages of a device ten in a row are an episode
 * with a PM2.5 above `ALERT_ABOVE`; all others are below `ALERT_CLEAR`. Both in ug/m3. Each device is at another point
 * of its thousand, so that the share of messages in an episode is the same for few devices and for many.
 */
export const ALERT_ABOVE = 50;
export const ALERT_CLEAR = 45;
const EPISODE_EVERY = 1000;
const EPISODE_FROM = 990;
const EPISODE_HUNDREDTHS = 6000;

/** The topic to which a device publishes. */
export const topicOf = (device: string): string => `devices/${device}/up`;

/** The PUBLISH packets of one device: QoS 1, one after the other. */
export interface Messages {
  /** Bytes of each packet. */
  readonly length: number;
  /**
   * Writes the device's `seq`-th packet into `target`. Its packet identifier is `packetId(seq)`, its time
   * `startMs + seq`, which makes (device, time) the identity that is looked for in the store afterwards.
   */
  write(seq: number, target: Buffer, at: number): void;
}

/** Packet identifiers go from 1 to 65535 and round again [MQTT-2.3.1-1]. */
export const packetId = (seq: number): number => (seq % 65535) + 1;

/** Packets of a device whose message 0 has the time `startMs`. */
export const messagesOf = (device: string, startMs: number): Messages => {
  const packet = generate({
    cmd: 'publish',
    topic: topicOf(device),
    qos: 1,
    messageId: 1,
    payload: PAYLOAD,
    dup: false,
    retain: false,
  });
  const payloadAt = packet.length - PAYLOAD.length;
  const idAt = payloadAt - 2;
  const phase = hash(device) % EPISODE_EVERY;
  let wander = hash(device);
  const places = VALUES.map(({ span }) => Math.floor(span / 2));
  return {
    length: packet.length,
    write: (seq, target, at) => {
      packet.writeUInt16BE(packetId(seq), idAt);
      digits(packet, { at: payloadAt + TIME_AT, count: 13, number: startMs + seq });
      for (const [which, value] of VALUES.entries()) {
        wander = (Math.imul(wander, 1664525) + 1013904223) >>> 0;
        const place = Math.min(
          value.span,
          Math.max(0, (places[which] ?? 0) + ((wander >>> 8) % (2 * STEP_AT_MOST + 1)) - STEP_AT_MOST),
        );
        places[which] = place;
        hundredths(packet, payloadAt + value.at, value.from + place);
      }
      const [pm25] = VALUES;
      if (pm25 !== undefined && (seq + phase) % EPISODE_EVERY >= EPISODE_FROM)
        hundredths(packet, payloadAt + pm25.at, EPISODE_HUNDREDTHS);
      packet.copy(target, at);
    },
  };
};

/** In hundredths, from one message to the next. */
const STEP_AT_MOST = 5;

const ZERO = 0x30;

const digits = (target: Buffer, { at, count, number }: { at: number; count: number; number: number }): void => {
  let rest = number;
  for (let place = at + count - 1; place >= at; place -= 1) {
    const higher = Math.floor(rest / 10);
    target[place] = ZERO + rest - higher * 10;
    rest = higher;
  }
};

/** Four digits around the point that stands already: 1234 is 12.34. */
const hundredths = (target: Buffer, at: number, number: number): void => {
  target[at] = ZERO + Math.trunc(number / 1000);
  target[at + 1] = ZERO + (Math.trunc(number / 100) % 10);
  target[at + 3] = ZERO + (Math.trunc(number / 10) % 10);
  target[at + 4] = ZERO + (number % 10);
};

const hash = (text: string): number => {
  let sum = 2166136261;
  for (const letter of text) sum = Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 16777619);
  return sum >>> 0;
};
