import type { Content } from './content.ts';

/** Protocol version 2 on port 1: version, device id, flags, and a group of words for each flag that is set. */
const message = (deviceId: number, flags: number, words: readonly number[]): Content => {
  const bytes = Buffer.alloc(5 + 2 * words.length);
  bytes.writeUInt8(2, 0);
  bytes.writeUInt16BE(deviceId, 1);
  bytes.writeUInt16BE(flags, 3);
  for (const [index, word] of words.entries()) bytes.writeUInt16BE(clamped(word), 5 + 2 * index);
  return { fPort: 1, payload: bytes };
};

const clamped = (word: number): number => Math.max(0, Math.min(0xffff, Math.round(word)));

/** ug/m3, Cel, %, hPa, V */
export interface Particles {
  readonly deviceId: number;
  readonly pm1: number;
  readonly pm25: number;
  readonly pm4: number;
  readonly pm10: number;
  readonly temperature: number;
  readonly humidity: number;
  readonly pressure: number;
  readonly batteryVoltage: number;
}

/** DL-PM with all its groups. Numbers of particles go with their masses, roughly as in town air. */
export const dlPm = (air: Particles): Content => {
  const { pm1, pm25, pm4, pm10 } = air;
  const masses = [pm1, pm25, pm4, pm10].map((mass) => 10 * mass);
  const numbers = [5.8 * pm1, 6.7 * pm1, 6.9 * pm1, 6.95 * pm1, 7 * pm1].map((number) => 10 * number);
  return message(air.deviceId, 0b1111, [
    1000 * air.batteryVoltage,
    ...masses,
    500,
    ...numbers,
    ((air.temperature + 46.85) * 65536) / 175.72,
    ((air.humidity + 6) * 65536) / 125,
    air.pressure * 50,
  ]);
};

/** Cel, Cel, V */
export interface Surface {
  readonly deviceId: number;
  readonly surface: number;
  readonly head: number;
  readonly batteryVoltage: number;
}

/** DL-ITST: tenths of a degree above -100. */
export const dlItst = ({ deviceId, surface, head, batteryVoltage }: Surface): Content =>
  message(deviceId, 0b11, [10 * surface + 1000, 10 * head + 1000, 1000 * batteryVoltage]);
