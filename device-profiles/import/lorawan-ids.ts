import type { Trouble } from './files.ts';

/** Sixteen bits that are not 0: a VendorID or a VendorProfileID of the LoRa Alliance. */
export const isAllianceId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xff_ff;

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');

/** Both as a TR005 code has them: eight upper-case hexadecimal digits. */
export const lorawanProfileId = (vendorId: number, vendorProfileId: number): string =>
  hex(vendorId) + hex(vendorProfileId);

/** What was found of a device's ids, and the files that could not be read for it. */
export interface FoundIds {
  /** Sorted, each once. */
  readonly ids: readonly string[];
  readonly troubles: readonly Trouble[];
}
