import {
  Flag,
  type DeviceId,
  type Judged,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Selection } from './contract.ts';

/** A selection, made ready to be asked about many observations. */
export interface Selector {
  readonly device: (device: DeviceId) => boolean;
  readonly site: (site: SiteId | null) => boolean;
  readonly quantity: (quantity: QuantityId) => boolean;
  readonly flag: (flag: Flag) => boolean;
  /** Quantity and flag together. */
  readonly judged: (judged: Judged) => boolean;
}

/** Flags are numbered in the order in which `maxFlag` reads them: 1 < 2 < 3 < 4 < 9. */
export const selectorOf = ({ devices, sites, quantities, maxFlag = Flag.missing }: Selection): Selector => {
  const [device, site, quantity] = [oneOf(devices), oneOf<SiteId | null>(sites), oneOf(quantities)];
  const flag = (flag: Flag): boolean => flag <= maxFlag;
  return { device, site, quantity, flag, judged: (judged) => flag(judged.flag) && quantity(judged.quantity) };
};

/** A value that failed a test belongs in no mean unless someone asks for it (`maxFlag` 4). */
export const aggregateFlag = (maxFlag: Flag = Flag.suspect): Flag => maxFlag;

const oneOf = <Id>(chosen: readonly Id[] | undefined): ((id: Id) => boolean) => {
  if (chosen === undefined) return () => true;
  const set = new Set(chosen);
  return (id) => set.has(id);
};
