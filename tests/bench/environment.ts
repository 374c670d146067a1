import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '../servers/programs.ts';
import { median } from './sums.ts';

/** The machine that the figures belong to. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Load average of the last minute before the run: near 0 on a machine that does nothing else. */
  readonly loadBefore: number;
  readonly node: string;
}

/** The machine, its disk, and the versions of what Kerbside is compared with. */
export interface Environment extends Machine {
  /** Median milliseconds of one fdatasync after writing 4 KB in the folder where the stacks keep their data. */
  readonly fsyncMs: number;
  readonly mosquitto: string;
  readonly nodeRed: string;
  readonly influxdb: string;
}

export const machine = (): Machine => ({
  cores: cpus().length,
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGb: Math.round(totalmem() / 1e9),
  kernel: release(),
  loadBefore: loadavg()[0] ?? 0,
  node: process.versions.node,
});

export const environment = (): Environment => ({
  ...machine(),
  fsyncMs: fsyncMs(),
  // Mosquitto prints its version with its help, and then says with its exit code that it did not run.
  mosquitto: versionIn(said(requireProgram('mosquitto'), '-h')),
  nodeRed: versionIn(String(createRequire(import.meta.url)('node-red/package.json').version)),
  influxdb: versionIn(said(requireProgram('influxd'), 'version')),
});

const said = (program: string, argument: string): string =>
  execFileSync('/bin/sh', ['-c', '"$0" "$1" 2>&1 || true', program, argument], { encoding: 'utf8' });
const versionIn = (text: string): string => /\d+\.\d+\.\d+/.exec(text)?.[0] ?? 'unknown';

const FSYNC_SAMPLES = 51;

const fsyncMs = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-fsync-'));
  const file = openSync(join(folder, 'sample'), 'w');
  try {
    const samples = Array.from({ length: FSYNC_SAMPLES }, () => {
      const startedAt = performance.now();
      writeSync(file, Buffer.alloc(4096));
      fdatasyncSync(file);
      return performance.now() - startedAt;
    });
    return median(samples);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
};
