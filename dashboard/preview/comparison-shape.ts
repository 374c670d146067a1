import { Type, type Static } from 'typebox';
import { iso, quarantineReasons } from '../../device-profiles/vocabulary/index.ts';
import { DIFFERENCES_AT_MOST, type Comparison } from '../../infra/preview/compare.ts';
import { oneOf, textOrNull, time } from '../wire.ts';

const closed = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties, description: string) =>
  Type.Object(properties, { additionalProperties: false, description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const Leaf = Type.Unsafe<string | number | boolean | null>({ type: ['string', 'number', 'boolean', 'null'] });
const Refusals = Type.Array(
  closed(
    {
      reason: oneOf(quarantineReasons),
      uplinks: count('How many'),
      detail: Type.String({ description: 'What exactly was wrong with the first of them' }),
    },
    'Refused for one reason',
  ),
);
const SideOut = closed(
  {
    profile: textOrNull({ description: 'Null of a pasted codec that borrows nothing' }),
    version: Type.String({ description: 'Of the profile, or of the pasted codec' }),
    refusals: Refusals,
  },
  'One of the two ways to read',
);

export const ComparisonOut = closed(
  {
    a: SideOut,
    b: SideOut,
    wordsOnly: Type.Boolean({
      description: "True where neither side says what the codec's words mean: only these are compared",
    }),
    compared: count('Uplinks; the sum of the four below'),
    same: count('Both say the same, or refuse for the same reason'),
    different: count('They say different things'),
    onlyARefused: count('`a` refuses what `b` understands'),
    onlyBRefused: count('`b` refuses what `a` understands'),
    more: Type.Boolean({ description: 'True where `limit`, or the time that a comparison may take, left uplinks out' }),
    found: count('Differences in all'),
    differences: Type.Array(
      closed(
        {
          uplink: textOrNull({ description: 'Id of the uplink; null of a pasted payload' }),
          index: Type.Union([Type.Integer({ description: 'Of a pasted payload: which one, from 0' }), Type.Null()]),
          device: textOrNull({ description: 'As its sender named it' }),
          time: time('When it came in'),
          path: Type.String({ description: "`said.` and the codec's key, `observed.` and the quantity, or `refused`" }),
          a: Type.Optional(Leaf),
          b: Type.Optional(Leaf),
        },
        'One place where they part; a side that says nothing there is left out',
      ),
      { description: `Numbers first, those that differ most before others; ${DIFFERENCES_AT_MOST} at most` },
    ),
  },
  'What two ways to read the same uplinks have in common',
);
export type ComparisonOut = Static<typeof ComparisonOut>;

/** What else is told of a comparison. */
export interface Compared {
  readonly a: { readonly profile: string | null; readonly version: string };
  readonly b: { readonly profile: string | null; readonly version: string };
  readonly wordsOnly: boolean;
  readonly more: boolean;
  /** Pasted payloads, in their order: they have no ids. Undefined where stored uplinks were compared. */
  readonly pasted: readonly object[] | undefined;
}

export const comparisonOut = (comparison: Comparison, { a, b, wordsOnly, more, pasted }: Compared): ComparisonOut => {
  const { refusals, differences, compared, same, different, onlyARefused, onlyBRefused, found } = comparison;
  const side = (told: Compared['a'], of: 'a' | 'b') => ({
    ...told,
    refusals: [...refusals[of]].map(([reason, { uplinks, detail }]) => ({ reason, uplinks, detail })),
  });
  return {
    a: side(a, 'a'),
    b: side(b, 'b'),
    wordsOnly,
    compared,
    same,
    different,
    onlyARefused,
    onlyBRefused,
    more,
    found,
    differences: differences.map(({ uplink, path, ...values }) => ({
      uplink: pasted === undefined ? uplink.id : null,
      index: pasted === undefined ? null : pasted.indexOf(uplink),
      device: pasted === undefined ? uplink.device.value : null,
      time: iso(uplink.receivedAt),
      path,
      ...values,
    })),
  };
};
