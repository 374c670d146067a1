import { randomBytes } from 'node:crypto';
import { HOUR_MS } from '../../../infra/heard/contract.ts';
import type { Clock, Instant } from '../../../device-profiles/vocabulary/index.ts';
import { Invalid } from '../../../device-profiles/vocabulary/index.ts';

/** A file that somebody sent to look at before it is taken. */
export interface Upload {
  readonly id: string;
  /** Whose it is: nobody else sees it. */
  readonly account: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly withKeys: boolean;
  readonly at: Instant;
}

/** A list of ten thousand sensors has 2 MB: room for a few engineers at once, and a bound for all. */
const KEPT_AT_MOST = 8;
/** As long as somebody mends rows with the report before him. */
const KEPT_MS = HOUR_MS;

/** Files between the trial and the taking, in memory only: they may hold keys. A restart forgets them. */
export interface Uploads {
  /** A new one; of the same account the one before it goes, and of all the oldest where there are too many. */
  keep(upload: Omit<Upload, 'id' | 'at'>): Upload;
  /** @throws Invalid (`upload-gone`). */
  get(id: string, account: string): Upload;
  drop(id: string): void;
}

export const openUploads = (clock: Clock): Uploads => {
  const kept = new Map<string, Upload>();
  const tidy = (): void => {
    for (const { id, at } of kept.values()) if (Math.abs(clock.now() - at) > KEPT_MS) kept.delete(id);
  };
  return {
    keep(given) {
      tidy();
      for (const { id, account } of kept.values()) if (account === given.account) kept.delete(id);
      while (kept.size >= KEPT_AT_MOST) kept.delete(kept.keys().next().value ?? '');
      const upload = { ...given, id: randomBytes(18).toString('base64url'), at: clock.now() };
      kept.set(upload.id, upload);
      return upload;
    },
    get(id, account) {
      tidy();
      const upload = kept.get(id);
      if (upload?.account !== account)
        throw new Invalid(
          'upload-gone',
          'This file is not kept any more: files are kept for an hour, and only the newest of each person. Send it again',
        );
      return upload;
    },
    drop: (id) => void kept.delete(id),
  };
};
