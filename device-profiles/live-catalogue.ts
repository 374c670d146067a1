import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildProfile, readCatalogue, type OpenCatalogue } from './catalogue.ts';
import { sandboxAtRest } from './codec/sandbox.ts';
import type { Fault } from './definition/faults.ts';
import { findProfiles, readProfile, type Place, type ProfileFolder } from './definition/folder.ts';
import type { Profile } from './profile.ts';
import type { ProfileId } from './vocabulary/ids.ts';

/** What happened to the profiles of an installation. */
export type ProfileNews =
  /** New or changed, and in use from now on. `changed`: those that were in use before, and read what comes in otherwise now. */
  | { readonly kind: 'read'; readonly ids: readonly ProfileId[]; readonly changed: readonly ProfileId[] }
  /** The folder is gone: its devices' uplinks wait in quarantine. */
  | { readonly kind: 'removed'; readonly ids: readonly ProfileId[] }
  /** It has faults. `kept`: what was there before stays in use; otherwise its devices' uplinks wait. */
  | { readonly kind: 'faulty'; readonly id: string; readonly kept: boolean; readonly faults: readonly Fault[] }
  /** The folder as a whole cannot be read: everything stays as it is. */
  | { readonly kind: 'unreadable'; readonly why: string };

export interface LiveCatalogueOptions {
  /** Folders whose profiles must be in order, and do not change while we run. */
  readonly own: readonly string[];
  /** The folder with the installation's own profiles, which may come, change and be faulty. */
  readonly data: string;
  /** Told once of each thing that happens. */
  readonly tell: (news: ProfileNews) => void;
  /** Between two looks at `data`; undefined looks once. */
  readonly everyMs?: number;
}

/** Often enough that who confirms a profile sees it work; a look at 600 profiles costs some milliseconds. */
export const LOOK_EVERY_MS = 3000;

/** An installation's profile as it was last read. */
interface Known {
  readonly signature: string;
  readonly profile?: Profile;
}

/**
 * A catalogue that notices when profiles of the installation are imported, changed or confirmed: it looks at the times
 * of their files, because no file system's notices can be relied on.
 * @throws CatalogueInvalid when one of `own` has a fault; a faulty one in `data` is told and left out.
 */
export const openLiveCatalogue = async ({ own, data, tell, everyMs }: LiveCatalogueOptions): Promise<OpenCatalogue> => {
  const ownFolders = await readCatalogue(own);
  const sandbox = sandboxAtRest();
  const fixed = new Map(ownFolders.map((folder) => [folder.id, buildProfile(folder, sandbox)]));
  let known: ReadonlyMap<string, Known> = new Map();
  let profiles: ReadonlyMap<ProfileId, Profile> = fixed;
  let list: readonly Profile[] = [];
  let unreadable: string | undefined;
  const listeners = new Set<() => void>();

  const readChanged = async (place: Place, signature: string, before: Known | undefined): Promise<Known> => {
    const read = await readOrFault(place);
    const faults =
      'faults' in read
        ? read.faults
        : fixed.has(read.id)
          ? [
              {
                file: place.path,
                problem: `${read.id} is a profile that comes with Kerbside: give this one another id`,
              },
            ]
          : [];
    if (faults.length === 0 && !('faults' in read)) return { signature, profile: buildProfile(read, sandbox) };
    const kept = before?.profile;
    tell({ kind: 'faulty', id: place.id, kept: kept !== undefined, faults });
    return kept === undefined ? { signature } : { signature, profile: kept };
  };

  const look = async (): Promise<void> => {
    const now = new Map<string, Known>();
    const [read, changed]: [ProfileId[], ProfileId[]] = [[], []];
    for (const place of (await findProfiles(data)).filter(({ template }) => !template)) {
      const signature = await signatureOf(place);
      const before = known.get(place.path);
      const one = before?.signature === signature ? before : await readChanged(place, signature, before);
      now.set(place.path, one);
      if (one.profile === undefined || one.profile === before?.profile) continue;
      read.push(one.profile.id);
      if (before?.profile?.id === one.profile.id && before.profile.version !== one.profile.version)
        changed.push(one.profile.id);
    }
    const removed = [...known].flatMap(([path, { profile }]) =>
      now.has(path) || profile === undefined ? [] : [profile.id],
    );
    known = now;
    unreadable = undefined;
    if (read.length === 0 && removed.length === 0 && list.length > 0) return;
    profiles = new Map([
      ...fixed,
      ...[...now.values()].flatMap(({ profile }) => (profile === undefined ? [] : [[profile.id, profile] as const])),
    ]);
    list = [...profiles.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    if (read.length > 0) tell({ kind: 'read', ids: read, changed });
    if (removed.length > 0) tell({ kind: 'removed', ids: removed });
    for (const listener of listeners) listener();
  };
  /** A look that never throws: the folder may be away for a while. */
  const lookSafely = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== unreadable) tell({ kind: 'unreadable', why });
      unreadable = why;
    }
    if (list.length === 0) list = [...fixed.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  };

  await lookSafely();
  const looking = everyMs === undefined ? undefined : repeatedly(lookSafely, everyMs);
  return {
    get: (id) => profiles.get(id),
    list: () => list,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    warm: () => sandbox.warm(),
    close: async () => {
      await looking?.stop();
      await sandbox.close();
    },
  };
};

/** Reads a profile; what the file system says is a fault of that profile alone. */
const readOrFault = async (place: Place): Promise<ProfileFolder | { readonly faults: readonly Fault[] }> => {
  try {
    return await readProfile(place);
  } catch (error) {
    return {
      faults: [
        { file: place.path, problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` },
      ],
    };
  }
};

/** Changes whenever one of the files that decide how a message is decoded does. */
const signatureOf = async ({ path }: Place): Promise<string> => {
  const parts = [];
  for (const name of ['profile.yaml', 'codec.js']) {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(join(path, name));
      parts.push(`${mtimeMs} ${ctimeMs} ${size} ${ino}`);
    } catch (error) {
      parts.push(error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
    }
  }
  return parts.join('|');
};

/** Does work again and again, with a pause after each; ends when told to, after the work in hand. */
const repeatedly = (work: () => Promise<void>, everyMs: number): { stop(): Promise<void> } => {
  let stopped = false;
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    await work();
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = round();
    }, everyMs).unref();
  };
  schedule();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
