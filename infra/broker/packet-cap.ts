import type { Duplex } from 'node:stream';

/**
 * Follows the packets of an MQTT stream by their lengths alone (MQTT 3.1.1, 2.2), a few comparisons a packet, and sees
 * one that is too large from its header, before it has been sent and before anybody collects it.
 */
export class PacketMeter {
  readonly #atMostBytes: number;
  /** Bytes of the packet in hand that are still to come. */
  #skip = 0;
  /** Bytes of the header read so far: 0 = a packet begins here. */
  #header = 0;
  #length = 0;

  constructor(atMostBytes: number) {
    this.#atMostBytes = atMostBytes;
  }

  /** False as soon as a packet claims more than is allowed, or its length is none. */
  take(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const here = Math.min(this.#skip, chunk.length - at);
        this.#skip -= here;
        at += here;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      this.#header += 1;
      if (this.#header === 1) continue;
      this.#length += (byte & 0x7f) * 128 ** (this.#header - 2);
      if (byte >= 0x80 && this.#header < 5) continue;
      if (byte >= 0x80 || this.#header + this.#length > this.#atMostBytes) return false;
      this.#skip = this.#length;
      this.#header = 0;
      this.#length = 0;
    }
    return true;
  }
}

/**
 * Meters what the broker reads from the stream. It stands in `read`, which is how aedes takes its bytes, because a
 * second stream around each connection would cost as much as the rest of the door.
 */
export const capPackets = (stream: Duplex, atMostBytes: number, excess: () => void): void => {
  const meter = new PacketMeter(atMostBytes);
  const read = stream.read.bind(stream);
  stream.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Buffer) || meter.take(chunk)) return chunk;
    excess();
    return null;
  };
};
