import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath, skipsFail } from '../servers/programs.ts';

export interface SmallDisk {
  readonly folder: string;
  free(): number;
  remove(): void;
}

/** A file system of its own, in memory, of so many bytes. Only root may mount it; undefined where that is not allowed. */
export const mountSmallDisk = (bytes: number): SmallDisk | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-small-disk-'));
  if (
    spawnSync(programPath('mount') ?? 'mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]).status !== 0
  ) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    free: () => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    remove: () => {
      spawnSync(programPath('umount') ?? 'umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Whether a suite that needs one is left out here, which it says; with `CI=true` it never is, and fails. */
export const withoutSmallDisk = (title: string): boolean => {
  const disk = mountSmallDisk(1_048_576);
  disk?.remove();
  if (disk !== undefined || skipsFail()) return false;
  process.stdout.write(`SKIPPED ${title} (needs: the right to mount a tmpfs, which root has)\n`);
  return true;
};
