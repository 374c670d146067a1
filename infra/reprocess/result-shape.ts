import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { deviceId, instant, isQuantityId, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Difference, QuantityResult, Result } from './contract.ts';

const DifferenceShape = Type.Object({
  device: Type.String(),
  quantity: Type.String(),
  time: Type.Number(),
  before: Type.Number(),
  after: Type.Number(),
});
const count = Type.Integer({ minimum: 0 });
const QuantityShape = Type.Object({
  quantity: Type.String(),
  same: count,
  value: count,
  flag: count,
  site: count,
  added: count,
  withdrawn: count,
  kept: count,
  fromRaw: count,
  asStored: count,
  reflagged: count,
  changes: count,
  change: Type.Number(),
  largest: Type.Optional(DifferenceShape),
});
const resultShape = Compile(
  Type.Object({
    devices: count,
    devicesDone: count,
    uplinks: count,
    read: count,
    refused: Type.Array(Type.Object({ reason: Type.String(), uplinks: count })),
    released: count,
    since: Type.Optional(Type.Number()),
    quantities: Type.Array(QuantityShape),
    largest: Type.Array(DifferenceShape),
    hours: count,
    days: count,
  }),
);

/** Reads a result back from JSON; quantities that this version does not know are left out. @throws Error when it is none. */
export const resultOf = (json: string): Result => {
  const { quantities, largest, since, ...counts } = resultShape.Parse(JSON.parse(json));
  const known = (name: string): readonly QuantityId[] => (isQuantityId(name) ? [name] : []);
  const differences = (all: typeof largest): readonly Difference[] =>
    all.flatMap(({ device, quantity, time, ...both }) =>
      known(quantity).map((id) => ({ ...both, device: deviceId(device), quantity: id, time: instant(time) })),
    );
  return {
    ...counts,
    ...(since === undefined ? {} : { since: instant(since) }),
    largest: differences(largest),
    quantities: quantities.flatMap(({ quantity, largest: one, ...sums }) =>
      known(quantity).map((id): QuantityResult => {
        const [found] = one === undefined ? [] : differences([one]);
        return { ...sums, quantity: id, ...(found === undefined ? {} : { largest: found }) };
      }),
    ),
  };
};
