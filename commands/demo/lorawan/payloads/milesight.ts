import type { Content } from './content.ts';

/** What a VS133 has counted on its first line. */
export interface Passages {
  readonly totalIn: number;
  readonly totalOut: number;
  readonly periodIn: number;
  readonly periodOut: number;
}

/** Milesight's factory setting. */
const PORT = 85;

/** VS133: channels 3 to 5, 32-bit totals and 16-bit counts of the period, least significant byte first. */
export const vs133 = ({ totalIn, totalOut, periodIn, periodOut }: Passages): Content => {
  const bytes = Buffer.alloc(18);
  bytes.set([0x03, 0xd2], 0);
  bytes.writeUInt32LE(totalIn, 2);
  bytes.set([0x04, 0xd2], 6);
  bytes.writeUInt32LE(totalOut, 8);
  bytes.set([0x05, 0xcc], 12);
  bytes.writeUInt16LE(periodIn, 14);
  bytes.writeUInt16LE(periodOut, 16);
  return { fPort: PORT, payload: bytes };
};

/** How deep the water was, cm, when the network was away; the time in whole seconds since 1970. */
export interface KeptDepth {
  readonly timestamp: number;
  readonly depth: number;
}
/** Bytes of one kept reading, and of the present one with the battery. */
export const KEPT_BYTES = 8;
export const DEPTH_BYTES = 7;

/** EM500-SWL: battery (%), depth (cm), and readings that it kept. */
export const em500Swl = (
  { battery, depth }: { readonly battery: number; readonly depth: number },
  kept: readonly KeptDepth[],
): Content => {
  const bytes = Buffer.alloc(DEPTH_BYTES + KEPT_BYTES * kept.length);
  bytes.set([0x01, 0x75, battery, 0x03, 0x77], 0);
  bytes.writeUInt16LE(depth, 5);
  for (const [index, { timestamp, depth: then }] of kept.entries()) {
    const at = DEPTH_BYTES + KEPT_BYTES * index;
    bytes.set([0x20, 0xce], at);
    bytes.writeUInt32LE(timestamp, at + 2);
    bytes.writeUInt16LE(then, at + 6);
  }
  return { fPort: PORT, payload: bytes };
};

/** Levels in dB(A), in tenths; battery in %. */
export interface SoundLevels {
  readonly battery: number;
  readonly fast: number;
  readonly average: number;
  readonly maximum: number;
}

/** WS302, weighted A and fast. */
export const ws302 = ({ battery, fast, average, maximum }: SoundLevels): Content => {
  const bytes = Buffer.alloc(12);
  bytes.set([0x01, 0x75, battery, 0x05, 0x5b, 0x05], 0);
  for (const [index, level] of [fast, average, maximum].entries())
    bytes.writeUInt16LE(Math.round(10 * level), 6 + 2 * index);
  return { fPort: PORT, payload: bytes };
};
