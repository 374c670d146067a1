import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { batteryWhy, LEVEL_EMPTY_AT, DAYS_LEFT_AT_MOST } from '../../dashboard/health/battery.ts';
import { DAYS_AT_LEAST } from '../../dashboard/health/line.ts';
import { EXPECTED_AT_LEAST } from '../../dashboard/health/missed.ts';
import { signalTrends, STEADY_DB_A_WEEK } from '../../dashboard/health/signal.ts';
import { causes } from '../../dashboard/now/routes.ts';
import { hearings, reportingWithinMs, silentAfterMs } from '../../dashboard/now/rules.ts';
import { DAYS_KEPT, ROUTES_AT_MOST } from '../../infra/heard/contract.ts';
import { APART } from '../../ingest/heard/book.ts';
import { GAP_AT_MOST, LATE_AT_MOST } from '../../ingest/heard/frames.ts';
import { STEP_MS } from '../../ingest/heard/listening.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/health.md'), 'utf8');
const text = page.replaceAll(/\s+/g, ' ');
/** The words in the first column of the table that begins with that heading. */
const column = (heading: string): string[] => {
  const table = page.slice(page.indexOf(`| ${heading} |`)).split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word ?? '');
};

test('docs/health.md explains each state, cause, reason and trend, and no other', () => {
  expect(column('state').toSorted()).toEqual([...hearings].toSorted());
  expect(column('cause').toSorted()).toEqual([...causes].toSorted());
  expect(column('why').toSorted()).toEqual([...batteryWhy].toSorted());
  expect(column('trend').toSorted()).toEqual([...signalTrends].toSorted());
});

test('docs/health.md says the numbers that hold', () => {
  const minute = 60_000;
  expect(reportingWithinMs(100 * minute)).toBe(300 * minute);
  const sentences = [
    `3 times its expected interval, and at least ${reportingWithinMs(1) / minute} minutes`,
    `longer than ${silentAfterMs(1) / (60 * minute)} hours, or twice its window`,
    `stepped by more than ${STEP_MS / 1_000} seconds`,
    `at least ${APART} of an interval apart`,
    `Fewer than ${EXPECTED_AT_LEAST} expected messages`,
    `up to ${LATE_AT_MOST} frames behind`,
    `more than ${GAP_AT_MOST.toLocaleString('en-GB')} (MAX_FCNT_GAP)`,
    `assumed to be empty at ${LEVEL_EMPTY_AT} %`,
    `fewer than ${DAYS_AT_LEAST} days`,
    `more than ${DAYS_LEFT_AT_MOST / 365} years`,
    `Within ${STEADY_DB_A_WEEK} dB a week`,
    `at most ${ROUTES_AT_MOST} routes`,
    `kept for ${DAYS_KEPT} days`,
  ];
  expect(sentences.filter((sentence) => !text.includes(sentence))).toEqual([]);
});
