import type { Clock } from '../../../device-profiles/vocabulary/index.ts';
import type { Journal } from '../../../infra/journal/contract.ts';

/** What a case may ask for when it opens the journal. */
export interface JournalSettings {
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly maxBytes: number;
}

/** Where one journal is kept: a folder, a stream. */
export interface JournalPlace {
  /** One at a time: the one before is closed. */
  open(settings?: Partial<JournalSettings>): Journal;
  /** Another place, with what a machine would find that lost its power at this moment. */
  powerCut(): JournalPlace;
  /** Closes what is open and takes everything away. */
  remove(): Promise<void>;
}

export interface JournalCase {
  readonly title: string;
  readonly run: (place: JournalPlace) => Promise<void>;
}
