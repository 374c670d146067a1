import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { GatewayStats, Position } from '../../../infra/radio/contract.ts';
import type { Json } from '../json.ts';
import { shapeFault } from '../shape-fault.ts';

/** A forwarder counts for seconds or minutes between two `stat`; more than this is no count. */
const count = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const isCount = Compile(count);
const other = Type.Optional(Type.Unknown());
/** The first two are what it is about. */
const Counted = Compile(
  Type.Object({ rxnb: count, rxok: count, rxfw: other, dwnb: other, txnb: other, temp: other, ackr: other }),
);

export const statRefusals = ['stat-wrong'] as const;
export interface StatRefused {
  readonly kind: 'refused';
  readonly reason: (typeof statRefusals)[number];
  readonly detail: string;
}

/**
 * What a gateway says of itself in `stat`. Its own `time` (`2014-01-12 08:59:28 GMT`) is not looked at: what it counted
 * is as old as the datagram. Numbers that cannot be are left out, except for the two counts that it is about.
 * @returns `stat-wrong` where one of those two is missing or is no count
 */
export const readStat = (
  stat: Json,
  { gateway, at }: { readonly gateway: string; readonly at: Instant },
): GatewayStats | StatRefused => {
  if (!Counted.Check(stat)) return { kind: 'refused', reason: 'stat-wrong', detail: shapeFault(Counted, stat, 'stat') };
  const { rxnb: received, rxok: receivedOk } = stat;
  const position = positionIn(stat);
  const temperature = within(stat.temp, -100, 150);
  const acknowledged = within(stat.ackr, 0, 100);
  return {
    kind: 'stats',
    gateway,
    connector: 'semtech-udp',
    at,
    received,
    receivedOk,
    ...whereCount('forwarded', stat.rxfw),
    ...whereCount('downlinks', stat.dwnb),
    ...whereCount('emitted', stat.txnb),
    ...(acknowledged === undefined ? {} : { acknowledged: acknowledged / 100 }),
    ...(position === undefined ? {} : { position }),
    ...(temperature === undefined ? {} : { temperature }),
  };
};

const whereCount = <Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: number } => {
  const found: { [name in Name]?: number } = {};
  if (isCount.Check(value)) found[name] = value;
  return found;
};

/** A gateway without a position often says 0, 0, which is in the sea. */
const positionIn = (stat: Json): Position | undefined => {
  const latitude = within(stat['lati'], -90, 90);
  const longitude = within(stat['long'], -180, 180);
  if (latitude === undefined || longitude === undefined || (latitude === 0 && longitude === 0)) return undefined;
  const altitude = within(stat['alti'], -500, 10_000);
  return { latitude, longitude, ...(altitude === undefined ? {} : { altitude }) };
};

const within = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === 'number' && value >= least && value <= most ? value : undefined;
