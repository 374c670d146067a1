import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needs } from '../servers/needs.ts';
import { requireProgram } from '../servers/programs.ts';
import { startAppending } from './appending.ts';
import { sqlitePlace } from './sqlite-place.ts';

needs('strace')('what the operating system is asked for', () => {
  test('each acknowledgement comes after its uplink was written to the log on disk and the disk was told to keep it', async () => {
    const place = sqlitePlace();
    const trace = `${place.file}.trace`;
    const strace = [
      requireProgram('strace'),
      '-f',
      '-y',
      '-qq',
      '-s',
      '4096',
      '-e',
      'trace=write,pwrite64,fsync,fdatasync',
      '-o',
      trace,
    ];
    const appending = startAppending(place.file, { resend: [], from: 1, count: 5, callers: 1 }, strace);
    expect(await appending.ended).toBeNull();
    expect(appending.said.acked).toEqual([1, 2, 3, 4, 5]);

    const calls = readFileSync(trace, 'utf8').split('\n');
    const first = (from: number, wanted: RegExp): number => calls.findIndex((call, i) => i > from && wanted.test(call));
    for (const n of appending.said.acked) {
      const sent = first(-1, new RegExp(`write\\(1.*"sent ${n}\\\\n"`));
      const acked = first(-1, new RegExp(`write\\(1.*"acked ${n} `));
      const written = first(sent, new RegExp(`pwrite64\\(\\d+<.*journal\\.db-wal>.*footfall_in\\\\":${n}\\}`));
      const kept = first(written, /f(data)?sync\(\d+<.*journal\.db-wal>\) += 0/);
      expect([sent, written, kept, acked].every((at) => at >= 0)).toBe(true);
      expect([sent, written, kept, acked]).toEqual([sent, written, kept, acked].toSorted((a, b) => a - b));
    }
    await place.remove();
  });
});
