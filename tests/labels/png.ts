import { inflateSync } from 'node:zlib';

/** A picture: four bytes a pixel, red, green, blue and opacity, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

const SIGNATURE = 8;
/** Bit depth 8, colour type 2 or 6 (RGB, RGBA), no interlace: what a browser's screenshots are. */
const SUPPORTED: ReadonlyMap<number, number> = new Map([
  [2, 3],
  [6, 4],
]);

/** Reads a screenshot. @throws Error for any PNG that is not one. */
export const readPng = (png: Buffer): Picture => {
  const parts: Buffer[] = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = SIGNATURE; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      [width, height, channels] = [body.readUInt32BE(0), body.readUInt32BE(4), SUPPORTED.get(body[9] ?? 0) ?? 0];
      if (channels === 0 || body[8] !== 8 || body[12] !== 0) throw new Error('not a screenshot');
    }
    if (type === 'IDAT') parts.push(body);
    at += length + 12;
  }
  const raw = unfiltered(inflateSync(Buffer.concat(parts)), { stride: width * channels, height, channels });
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1)
      rgba[pixel * 4 + channel] = raw[pixel * channels + channel] ?? 0;
  }
  return { width, height, rgba };
};

interface Rows {
  readonly stride: number;
  readonly height: number;
  readonly channels: number;
}

/** PNG (W3C), clause 9: each row is told apart from what lies left of it and above it. */
const unfiltered = (data: Buffer, { stride, height, channels }: Rows): Uint8Array => {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < channels ? 0 : (out[at - channels] ?? 0);
      const up = y === 0 ? 0 : (out[at - stride] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (out[at - stride - channels] ?? 0);
      out[at] = (data[y * (stride + 1) + 1 + x] ?? 0) + guess(filter, left, up, corner);
    }
  }
  return out;
};

const guess = (filter: number, left: number, up: number, corner: number): number => {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
};

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A part of a picture. */
export const cut = (whole: Picture, { x, y, width, height }: Place): Picture => {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    const from = ((y + row) * whole.width + x) * 4;
    rgba.set(whole.rgba.subarray(from, from + width * 4), row * width * 4);
  }
  return { width, height, rgba };
};
