import type { Content } from './content.ts';

/** What a DF702 sees under the lid: mm to the refuse, Cel, degrees from upright, and its own alarm. */
export interface Bin {
  readonly distance: number;
  readonly temperature: number;
  readonly angle: number;
  readonly full: boolean;
}

/** DF702: a report of 17 bytes on port 3. Frost it does not say; the model of it ends at 0. */
export const df702 = ({ distance, temperature, angle, full }: Bin): Content => {
  const bytes = Buffer.alloc(17);
  bytes.set([0x80, 0x00, 0x01, 0x01, bytes.length], 0);
  bytes.writeUInt16BE(distance, 5);
  bytes[8] = Math.max(0, Math.min(127, Math.round(temperature)));
  bytes[10] = angle;
  bytes[11] = full ? 0x10 : 0;
  bytes[16] = 0x81;
  return { fPort: 3, payload: bytes };
};

/** Vehicles of one direction and class of speed, and their mean speed in whole km/h. */
export interface Class {
  readonly count: number;
  readonly speed: number;
}
/** Four classes of speed, each from the left and from the right; V, mW, Cel. */
export interface Traffic {
  readonly batteryVoltage: number;
  readonly solar: number;
  readonly temperature: number;
  readonly classes: readonly { readonly left: Class; readonly right: Class }[];
}

/** TCR, application payload 2 on port 15. */
export const tcr = ({ batteryVoltage, solar, temperature, classes }: Traffic): Content => {
  const bytes = Buffer.alloc(33);
  bytes.set([0xbe, 0x02, 0x02], 0);
  bytes.writeUInt16BE(Math.round(1000 * batteryVoltage), 3);
  bytes.writeUInt16BE(Math.round(solar), 5);
  bytes.writeInt16BE(Math.round(10 * temperature), 7);
  for (const [index, { count, speed }] of classes
    .flatMap(({ left, right }) => [left, right])
    .slice(0, 8)
    .entries()) {
    bytes.writeUInt16BE(count, 9 + 3 * index);
    bytes.writeUInt8(speed, 11 + 3 * index);
  }
  return { fPort: 15, payload: bytes };
};

/** A parking bay: whether somebody stands there, for how many minutes it was otherwise before; V, Cel. */
export interface Bay {
  readonly occupied: boolean;
  readonly minutesBefore: number;
  readonly batteryVoltage: number;
  readonly temperature: number;
}

/** NPS405SM: one byte on port 1 when somebody came or went. */
export const nps405smChange = ({ occupied, minutesBefore }: Bay): Content => ({
  fPort: 1,
  payload: Uint8Array.of((minutesCode(minutesBefore) << 1) | (occupied ? 1 : 0)),
});

/** Three bytes on port 2 that it lives. */
export const nps405smHeartbeat = ({ occupied, batteryVoltage, temperature }: Bay): Content => ({
  fPort: 2,
  payload: Uint8Array.of(
    occupied ? 1 : 0,
    Math.max(0, Math.min(255, Math.round((1000 * batteryVoltage - 2500) / 4))),
    Math.max(-128, Math.min(127, Math.round(2 * (temperature - 10)))) & 0xff,
  ),
});

/** Seven bits: single minutes, then steps of five, then hours. */
const minutesCode = (minutes: number): number => {
  if (minutes < 90) return Math.floor(minutes);
  if (minutes < 240) return 90 + Math.floor((minutes - 90) / 5);
  return Math.min(127, 120 + Math.floor((minutes - 240) / 60));
};
