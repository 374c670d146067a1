import type { DeviceId, Instant } from '../../../device-profiles/vocabulary/index.ts';

/** A name of a database, measurement, field or tag, in double quotes. */
export const identifier = (name: string): string => `"${escaped(name).replaceAll('"', '\\"')}"`;

/** A text such as a tag's value, in single quotes. */
export const literal = (text: string): string => `'${escaped(text).replaceAll("'", "\\'")}'`;

/** Neither form of quotes may hold a line break as it is; a backslash would escape what follows. */
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

export const milliseconds = (time: number): string => `${time}ms`;

/** What a statement looks at: `from` inclusive, `to` exclusive. */
export interface Where {
  readonly devices?: readonly DeviceId[] | undefined;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  /** One more condition, in InfluxQL. */
  readonly also?: string;
}

/** ` WHERE ...`, or nothing. */
export const where = ({ devices, from, to, also }: Where): string => {
  const conditions = [
    from === undefined ? undefined : `time >= ${milliseconds(from)}`,
    to === undefined ? undefined : `time < ${milliseconds(to)}`,
    devices === undefined ? undefined : `(${devices.map((device) => `"device" = ${literal(device)}`).join(' OR ')})`,
    also,
  ].filter((condition) => condition !== undefined);
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
};
