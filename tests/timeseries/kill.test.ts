import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { instant, type Observation } from '../../device-profiles/vocabulary/index.ts';
import { hoursOf, type Hour } from '../../infra/timeseries/hours.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import { sqlitePlace } from './places.ts';

/** A few in a test run; `KILL_CYCLES=200 npx vitest run tests/timeseries/kill.test.ts` for the long one. */
const CYCLES = Number(process.env['KILL_CYCLES'] ?? 4);

/** Lets a process write until it has said that so many readings are written, and kills it. */
const writeAndKill = async (file: string, first: number, lines: number): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), file, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const written: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    written.push(line.replace('written ', ''));
    if (written.length === lines) child.kill('SIGKILL');
  }
  return written;
};

/** The hours of what was kept, made of nothing but that. */
const hoursIn = (kept: readonly Observation[]): readonly Hour[] =>
  [...Map.groupBy(kept, ({ device }) => device)].flatMap(([device, of]) =>
    hoursOf(of.flatMap(({ time, value }) => (value.kind === 'measured' ? [{ time, value: value.value }] : []))).map(
      (hour) => ({ ...hour, device, quantity: 'pm2_5', site: of[0]?.site ?? null }),
    ),
  );

test(`a process that is killed with -9 ${CYCLES} times has kept every reading that it said was written, once, and knows which hours they touched`, async () => {
  const place = await sqlitePlace();
  try {
    const written = new Set<string>();
    let made = 0;
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      for (const line of await writeAndKill(place.file, cycle * 1000, 300 + Math.floor(Math.random() * 900)))
        written.add(line);
      const series = await place.open();
      const kept = await wholeRange(series, { quantities: ['pm2_5'] });
      const hours = await series.hours({ from: instant(0), to: instant(8e12), maxFlag: 2, quantities: ['pm2_5'] });
      expect(hours).toEqual(hoursIn(kept));
      made += hours.length;
      const found = new Set(kept.map(({ device, time }) => `${device} ${time}`));
      expect(found.size).toBe(kept.length);
      expect([...written].filter((line) => !found.has(line))).toEqual([]);
    }
    expect(made).toBeGreaterThan(CYCLES * 10);
    expect(written.size).toBeGreaterThan(CYCLES * 300);
    const db = new DatabaseSync(place.file);
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    db.close();
  } finally {
    await place.remove();
  }
});
