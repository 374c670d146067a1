import type { NetworkRefusal } from '../message.ts';
import { copyRefusals } from '../phy/receive.ts';
import { pushRefusals } from './datagram.ts';
import { rxpkRefusals } from './rxpk.ts';
import { statRefusals } from './stat.ts';

/** Why the door turns a datagram, a frame in it, or a gateway's own counts away, beside `networkRefusals`. */
export const semtechRefusals = [
  'gateway-unknown',
  'gateway-elsewhere',
  'gateway-flooding',
  'not-gwmp',
  ...pushRefusals,
  ...rxpkRefusals,
  ...statRefusals,
  ...copyRefusals,
] as const;
/** With what is wrong with the JSON of a datagram. */
export type Refusal = (typeof semtechRefusals)[number] | NetworkRefusal;

/** Counts what was turned away, and says so in the log now and then. */
export type Refuse = (reason: Refusal, detail: Readonly<Record<string, unknown>>) => void;
