import type { Frame } from './contract.ts';

/**
 * Frames as they go to a thread and into an interpreter's memory: for each its time of receipt (a double), its port (16 bits,
 * signed), the number of its bytes (16 bits), all little-endian, and its bytes. One copy of one array costs a tenth of
 * what an array of objects costs.
 */
export const HEAD_BYTES = 12;
const PORT = 8;
const LENGTH = 10;
const NO_PORT = -1;

/** Packs frames of at most 65,535 bytes each. */
export const packFrames = (frames: readonly Frame[]): Uint8Array => {
  const size = frames.reduce((sum, { bytes }) => sum + HEAD_BYTES + bytes.length, 0);
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { bytes, fPort, recvTime } of frames) {
    view.setFloat64(at, recvTime, true);
    view.setInt16(at + PORT, fPort ?? NO_PORT, true);
    view.setUint16(at + LENGTH, bytes.length, true);
    packed.set(bytes, at + HEAD_BYTES);
    at += HEAD_BYTES + bytes.length;
  }
  return packed;
};

/** Each packed frame, head and bytes, without a copy. */
export const unpackFrames = (packed: Uint8Array): Uint8Array[] => {
  const view = new DataView(packed.buffer, packed.byteOffset);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < packed.length; ) {
    const end = at + HEAD_BYTES + view.getUint16(at + LENGTH, true);
    frames.push(packed.subarray(at, end));
    at = end;
  }
  return frames;
};
