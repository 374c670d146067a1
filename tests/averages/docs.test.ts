import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quantityOf } from '../../device-profiles/vocabulary/index.ts';
import { breakpoints } from '../../infra/averages/daqi.ts';
import { periods } from '../../infra/averages/periods.ts';
import { averageSettings } from '../../infra/averages/settings.ts';
import { readConfig } from '../../infra/config/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/averages.md'), 'utf8');
/** The rows of the page's tables whose first cell fits. */
const rows = (first: RegExp): string[][] =>
  [...page.matchAll(/^\| (.*) \|$/gm)]
    .map(([, row = '']) => row.split(' | '))
    .filter(([cell = '']) => first.test(cell));

test('docs/averages.md has each objective with its figures and source, and no other', () => {
  const { objectives } = averageSettings(readConfig({ env: {} }));
  const wanted = objectives.map(({ id, averaging, limit, quantity, allowed, percentile, checked, source }) => [
    `\`${id}\``,
    averaging,
    `${limit} ${quantityOf(quantity).unit}`,
    String(allowed),
    String(percentile ?? '-'),
    checked ? 'yes' : 'no',
    source,
  ]);
  expect(wanted).toHaveLength(23);
  expect(rows(/^`(uk|who)-/)).toEqual(wanted);
});

test('docs/averages.md has the breakpoints of the index', () => {
  const { o3, no2, so2, pm2_5, pm10 } = breakpoints;
  const highest = [o3, no2, so2, pm2_5, pm10].map((each) => each.highest);
  const wanted = Array.from({ length: 10 }, (_, i) => [
    String(i + 1),
    ...highest.map((of) => (i < 9 ? String(of[i]) : `${(of[8] ?? 0) + 1}+`)),
  ]);
  expect(rows(/^\d+$/)).toEqual(wanted);
});

test('docs/averages.md says of each period how it is made', () => {
  const named = rows(/^`(\d+[mh]|day|year)/).flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word),
  );
  expect(named).toEqual([...periods]);
});
