import type { SkipReason } from './message.ts';

/** Line numbers that are kept for each reason: enough to find the fault, not a list as long as the file. */
const LINES_AT_MOST = 10;

/** Rows that were not sent, by reason. */
export interface Skips {
  add(reason: SkipReason, line: number, detail: string): void;
  readonly total: number;
  list(): readonly {
    readonly reason: SkipReason;
    readonly rows: number;
    readonly lines: readonly number[];
    readonly example: string;
  }[];
}

export const openSkips = (): Skips => {
  const skips = new Map<SkipReason, { rows: number; lines: number[]; example: string }>();
  let total = 0;
  return {
    add: (reason, line, detail) => {
      total += 1;
      const known = skips.get(reason) ?? { rows: 0, lines: [], example: detail };
      known.rows += 1;
      if (known.lines.length < LINES_AT_MOST) known.lines.push(line);
      skips.set(reason, known);
    },
    get total() {
      return total;
    },
    // The parser reads ahead of the rest, so they are not met in the order of the file.
    list: () =>
      [...skips]
        .map(([reason, skipped]) => ({ reason, ...skipped }))
        .sort((a, b) => (a.lines[0] ?? 0) - (b.lines[0] ?? 0)),
  };
};

/**
 * What a replay did. `rows` = rows that were sent + rows that were skipped; `acknowledged` = `sent` when all went
 * well.
 */
export interface Report {
  readonly file: string;
  readonly map: string;
  readonly devices: readonly string[];
  readonly registered: number;
  readonly rows: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly skipped: ReturnType<Skips['list']>;
  readonly shiftMs: number;
  readonly seconds: number;
  /** False when it was stopped before the end of the file. */
  readonly complete: boolean;
}

/** Whether a reason for skipping is a fault of the file; what the map leaves out is none. */
export const isFault = (reason: SkipReason): boolean => reason !== 'row-of-nobody';

/** The report for a person. */
export const reportText = ({
  rows,
  sent,
  acknowledged,
  skipped,
  seconds,
  complete,
  registered,
  devices,
  shiftMs,
}: Report): string => {
  const number = (value: number): string => value.toLocaleString('en-GB');
  const rate = seconds > 0 ? Math.round(rows / seconds) : rows;
  return [
    `${complete ? 'Replayed' : 'Stopped after'} ${number(rows)} rows in ${seconds.toFixed(1)} s (${number(rate)} rows/s)`,
    `  devices       ${devices.join(', ')}${registered === 0 ? '' : ` (${registered} newly registered)`}`,
    ...(shiftMs === 0 ? [] : [`  times         shifted by ${number(Math.round(shiftMs / 60_000))} minutes`]),
    `  sent          ${number(sent)} messages`,
    `  acknowledged  ${number(acknowledged)}`,
    `  skipped       ${number(skipped.reduce((sum, skip) => sum + skip.rows, 0))} rows`,
    ...skipped.map(
      ({ reason, rows: count, lines, example }) =>
        `    ${reason.padEnd(16)} ${number(count)}: line${count === 1 ? '' : 's'} ${lines.join(', ')}${count > lines.length ? ' ...' : ''} (${example})`,
    ),
    '',
  ].join('\n');
};
