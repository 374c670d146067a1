import { beforeAll, describe, expect } from 'vitest';
import { packages, programPath, recordingExists, skipsFail, type Program } from './programs.ts';

/**
 * A `describe` for a suite that needs real programs: `needs('influxd')('the InfluxDB store', () => { ... })`.
 * Where one is absent the suite is skipped and its title says why; with `CI=true` it fails instead, because a
 * suite that never ran has proved nothing.
 */
export const needs = (...wanted: readonly [Program, ...Program[]]) =>
  given(
    wanted
      .filter((name) => programPath(name) === undefined)
      .map((name) => `${name} is not on this machine (Debian package ${packages[name]})`),
  );

/** The same for recordings beside the checkout: `needsRecording('air_quality/zephyr.csv')('a replayed day', ...)`. */
export const needsRecording = (...paths: readonly [string, ...string[]]) =>
  given(paths.filter((path) => !recordingExists(path)).map((path) => `no recording ../shared/data/${path}`));

const given =
  (missing: readonly string[]) =>
  (title: string, suite: () => void): void => {
    const note = missing.length === 0 ? '' : ` (needs: ${missing.join('; ')})`;
    const skip = missing.length > 0 && !skipsFail();
    if (skip) process.stdout.write(`SKIPPED ${title}${note}\n`);
    describe(`${title}${note}`, { skip }, () => {
      beforeAll(() => {
        expect(missing, 'with CI=true nothing is skipped').toEqual([]);
      });
      suite();
    });
  };
