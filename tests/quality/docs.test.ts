import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultPlausibility, defaultTests } from '../../device-profiles/quality/defaults.ts';
import { qualityFaults } from '../../device-profiles/quality/check.ts';
import { planOf } from '../../device-profiles/quality/plan.ts';
import { qualityTests, quantityOf } from '../../device-profiles/vocabulary/index.ts';

const page = readFileSync(new URL('../../docs/quality.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
const cell = (...parts: readonly (string | number | undefined)[]): string =>
  parts.every((part) => part === undefined) ? '-' : parts.map((part) => part ?? '-').join(' / ');

it('the page has each test', () => {
  const named = rows.map(([name]) => name).filter((name) => qualityTests.some((test) => name === `\`${test}\``));
  expect(named).toEqual(qualityTests.map((test) => `\`${test}\``));
  expect(qualityTests.length).toBeGreaterThan(9);
});

it('the page has the thresholds of each quantity as they are', () => {
  let checked = 0;
  for (const [quantity, { operator, spike, rateOfChange, flatLine }] of defaultTests) {
    const row = rows.find(([name]) => name === `\`${quantity}\``);
    const [spikes, rates, flats] = [spike, rateOfChange, flatLine].map((test) => (test === 'off' ? undefined : test));
    expect(row?.slice(0, 6)).toEqual([
      `\`${quantity}\``,
      quantityOf(quantity).unit,
      operator === undefined ? '-' : `${operator[0]} to ${operator[1]}`,
      cell(spikes?.suspect),
      rates === undefined ? '-' : cell(rates.suspect, rates.fail ?? '-'),
      flats === undefined ? '-' : cell(flats.suspect, flats.fail ?? '-'),
    ]);
    checked += 1;
  }
  expect(checked).toBe(defaultTests.size);
  expect(page).toContain(`a slack of ${defaultPlausibility.slack} ug/m3 or ${defaultPlausibility.slackShare * 100} %`);
});

it('the defaults are themselves what the linter lets through', () => {
  expect(qualityFaults({ quantities: Object.fromEntries(defaultTests) })).toEqual([]);
  expect(planOf(60_000, []).horizonMs).toBeLessThanOrEqual(24 * 3_600_000);
});
