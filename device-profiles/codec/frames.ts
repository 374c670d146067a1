import type { Frame } from './contract.ts';

/**
 * Frames as they go to a thread and into an interpreter's memory, in one array: for each three numbers of eight bytes (its
 * time of receipt, its port or `NO_PORT`, how many bytes it has), and after those of all the bytes of all. One copy of one
 * array costs a tenth of what an array of objects costs, and typed arrays are what QuickJS reads fastest.
 */
export interface Packed {
  readonly count: number;
  readonly buffer: ArrayBuffer;
}

const HEAD_NUMBERS = 3;
const HEAD_BYTES = HEAD_NUMBERS * Float64Array.BYTES_PER_ELEMENT;
const NO_PORT = -1;

export const packFrames = (frames: readonly Frame[]): Packed => {
  const start = frames.length * HEAD_BYTES;
  const buffer = new ArrayBuffer(frames.reduce((sum, { bytes }) => sum + bytes.length, start));
  const heads = new Float64Array(buffer, 0, frames.length * HEAD_NUMBERS);
  const body = new Uint8Array(buffer, start);
  let [head, at] = [0, 0];
  for (const { bytes, fPort, recvTime } of frames) {
    heads[head] = recvTime;
    heads[head + 1] = fPort ?? NO_PORT;
    heads[head + 2] = bytes.length;
    body.set(bytes, at);
    head += HEAD_NUMBERS;
    at += bytes.length;
  }
  return { count: frames.length, buffer };
};

/** What is left of packed frames after the first so many. */
export const dropFrames = (packed: Packed, gone: number): Packed => {
  if (gone === 0) return packed;
  const heads = new Float64Array(packed.buffer, 0, packed.count * HEAD_NUMBERS);
  let bytes = 0;
  for (let frame = 0; frame < gone; frame += 1) bytes += heads[frame * HEAD_NUMBERS + 2] ?? 0;
  const left = heads.subarray(gone * HEAD_NUMBERS);
  const body = new Uint8Array(packed.buffer, packed.count * HEAD_BYTES + bytes);
  const buffer = new ArrayBuffer(left.byteLength + body.byteLength);
  new Float64Array(buffer, 0, left.length).set(left);
  new Uint8Array(buffer, left.byteLength).set(body);
  return { count: packed.count - gone, buffer };
};
