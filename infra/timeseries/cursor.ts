import {
  Invalid,
  deviceId,
  instant,
  isQuantityId,
  type DeviceId,
  type Instant,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';

/** The last observation of a page, by the order of pages: device, time, quantity. */
export interface Position {
  readonly device: DeviceId;
  readonly time: Instant;
  readonly quantity: QuantityId;
}

/** A position as text that may stand in a URL. Callers hand it back and read nothing from it. */
export const cursorOf = ({ device, time, quantity }: Position): string =>
  Buffer.from(JSON.stringify([device, time, quantity])).toString('base64url');

/** @throws Invalid (`cursor-invalid`) when the text is not one that `cursorOf` made. */
export const positionOf = (cursor: string): Position => {
  try {
    const [device, time, quantity, ...rest] = fields(cursor);
    if (
      typeof device === 'string' &&
      typeof time === 'number' &&
      typeof quantity === 'string' &&
      isQuantityId(quantity) &&
      rest.length === 0
    ) {
      const position = { device: deviceId(device), time: instant(time), quantity };
      // Text that reads the same but was written otherwise did not come from here.
      if (cursorOf(position) === cursor) return position;
    }
  } catch (error) {
    throw invalid({ cause: error });
  }
  throw invalid();
};

const fields = (cursor: string): readonly unknown[] => {
  const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  return Array.isArray(parsed) ? parsed : [];
};

const invalid = (options?: ErrorOptions): Invalid =>
  new Invalid('cursor-invalid', 'this is not a cursor that an earlier page gave', options);
