import { open, readFile, rename } from 'node:fs/promises';
import { iso, parseIso, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { isObject, readObject } from '../json.ts';

/**
 * A time kept in a file: everything that The Things Stack received up to it has come to us, or been fetched. It is not
 * that of the newest uplink: one that comes while older ones are still being fetched says nothing of those.
 */
export interface Mark {
  /** Undefined where there is none yet, or it cannot be read. */
  read(): Promise<Instant | undefined>;
  /** @throws what the file system says. */
  write(through: Instant): Promise<void>;
}

export const openMark = (file: string): Mark => ({
  read: async () => {
    const bytes = await readFile(file).catch(() => undefined);
    const content = bytes === undefined ? undefined : readObject(bytes);
    if (content?.kind !== 'object' || !isObject(content.value)) return undefined;
    const { through } = content.value;
    return typeof through === 'string' ? parseIso(through) : undefined;
  },
  write: async (through) => {
    // Written beside it and then put in its place: a power cut leaves the one or the other.
    const beside = `${file}.new`;
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ through: iso(through) })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  },
});
