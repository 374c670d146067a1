import type { FastifyReply } from 'fastify';
import { Type, type Static } from 'typebox';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import { localIso } from '../../infra/footfall/civil-time.ts';
import type { Counts } from '../../infra/footfall/footfall.ts';
import { csv, type Cell } from './csv.ts';
import { UNIT, type ComparisonOut, type PeriodOut, type RowOut } from './footfall-shapes.ts';

/** Counts of passages as tables. */

/** Whether the request would rather have a table; says to caches that this matters. */
export const wantsCsv = (reply: FastifyReply): boolean => {
  void reply.header('Vary', 'Accept');
  return /\btext\/csv\b/.test(reply.request.headers.accept ?? '');
};

/** Answers with a table. */
export const sendCsv = (reply: FastifyReply, columns: readonly string[], rows: readonly (readonly Cell[])[]) =>
  reply.type('text/csv; charset=utf-8; header=present').send(csv(columns, rows));

const periodColumns = [
  'period',
  'from',
  'to',
  'localFrom',
  'localTo',
  'unit',
  'in',
  'out',
  'total',
  'net',
  'completeness',
  'suspect',
  'doubts',
  'edge',
  'spread',
  'coarse',
] as const;

const periodCells = (row: Static<typeof PeriodOut>): Cell[] =>
  periodColumns.map((column) => (column === 'doubts' ? row.doubts.join(' ') : row[column]));

/** The columns of counts by period. */
export const rowColumns = [...periodColumns, 'presence'] as const;
export const rowCells = (row: Static<typeof RowOut>): Cell[] => [...periodCells(row), row.presence];

/** In a table a stretch that is booked nowhere is a row of its own, lest somebody adds up the others and misses it. */
export const unbookedCells = ({ from, to, direction, passages, doubt }: Counts['unbooked'][number]): Cell[] => {
  const cells: Record<string, Cell> = {
    period: 'unbooked',
    from: iso(from),
    to: iso(to),
    localFrom: localIso(from),
    localTo: localIso(to),
    unit: UNIT,
    doubts: doubt ?? '',
  };
  cells[direction === 'all' ? 'total' : direction] = passages;
  return rowColumns.map((column) => cells[column] ?? null);
};

/** The columns of comparisons. */
export const comparisonColumns = [
  ...periodColumns,
  'before',
  'beforePeriod',
  'beforeCompleteness',
  'change',
  'changeShare',
  'notCompared',
] as const;
export const comparisonCells = (row: Static<typeof ComparisonOut>): Cell[] => [
  ...periodCells(row),
  row.before?.total ?? null,
  row.before?.period ?? null,
  row.before?.completeness ?? null,
  row.change,
  row.changeShare,
  row.notCompared,
];

/** How such an answer is described. */
export const tableAnswer = (description: string) => ({
  schema: Type.String({ description: `RFC 4180, with a header. ${description}` }),
});
