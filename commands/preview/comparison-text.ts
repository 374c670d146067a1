import type { ComparisonOut } from '../../dashboard/preview/comparison-shape.ts';
import { table } from '../table.ts';
import { plain } from './plain.ts';

/** Differences that a person is shown; `--json` has more. */
const SHOWN_AT_MOST = 20;

const valueOf = (value: ComparisonOut['differences'][number]['a']): string =>
  value === undefined ? '-' : plain(JSON.stringify(value));
const sideLine = (name: string, { profile, version, refusals }: ComparisonOut['a']): string => {
  const refused = refusals.map(({ reason, uplinks }) => `${uplinks} ${reason}`).join(', ');
  return `  ${name}  ${profile ?? 'codec'} (${version})${refused === '' ? '' : `, refused: ${refused}`}`;
};

/** A comparison for a person. */
export const comparisonText = (compared: ComparisonOut): string => {
  const { a, b, wordsOnly, same, different, onlyARefused, onlyBRefused, more, found, differences } = compared;
  const shown = differences.slice(0, SHOWN_AT_MOST);
  const uplinkOf = ({ uplink, index, time }: ComparisonOut['differences'][number]): string =>
    uplink === null ? `payload ${(index ?? 0) + 1}` : `${time} ${uplink}`;
  return [
    `Compared ${compared.compared} uplinks${more ? ', the newest' : ''}${wordsOnly ? ", the codecs' own words only" : ''}`,
    sideLine('a', a),
    sideLine('b', b),
    `  same ${same}, different ${different}, only a refused ${onlyARefused}, only b refused ${onlyBRefused}`,
    ...(shown.length === 0
      ? []
      : [
          '',
          table(
            ['UPLINK', 'WHERE', 'A', 'B'],
            shown.map((one) => [uplinkOf(one), plain(one.path), valueOf(one.a), valueOf(one.b)]),
          ).trimEnd(),
        ]),
    ...(found > shown.length ? [`and ${found - shown.length} more differences`] : []),
    '',
  ].join('\n');
};
