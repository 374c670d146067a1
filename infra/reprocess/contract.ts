import type { DeviceId, Instant, QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Actor } from '../registry/audit-records.ts';

/** Whose history is run again: one device's, that of every device with a profile, or what was observed at a site. */
export const scopeKinds = ['device', 'profile', 'site'] as const;
export interface Scope {
  readonly kind: (typeof scopeKinds)[number];
  readonly id: string;
}

/** `waiting` and `running` are unfinished: they survive a restart of the server. */
export const jobStates = ['waiting', 'running', 'done', 'cancelled', 'failed'] as const;
export type JobState = (typeof jobStates)[number];
export const isUnfinished = (state: JobState): boolean => state === 'waiting' || state === 'running';

/** What is asked for. */
export interface JobRequest {
  readonly scope: Scope;
  /** Phenomenon time, inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** Counts what would change, and changes nothing. */
  readonly dryRun: boolean;
  readonly reason?: string;
}

/** A value before and after, both of them numbers in the quantity's canonical unit. */
export interface Difference {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  readonly time: Instant;
  readonly before: number;
  readonly after: number;
}

/** What became of the values of one quantity. Each value is in exactly one of the first seven. */
export interface QuantityResult {
  readonly quantity: QuantityId;
  /** As they were. */
  readonly same: number;
  /** With another value, or an absence for a value and the other way round. */
  readonly value: number;
  /** The same value with another flag, or another reason for it. */
  readonly flag: number;
  /** The same value and flag at another site. */
  readonly site: number;
  readonly added: number;
  readonly withdrawn: number;
  /** Kept as they were stored: their uplink is refused now, or speaks of a time beyond the span. */
  readonly kept: number;
  /** Of all these, those that were worked out from the raw number beside them, because no uplink of theirs is there any more. */
  readonly fromRaw: number;
  /** Of these in turn, those whose raw number no single field of the profile explains: their stored value was taken. */
  readonly asStored: number;
  /** Of all these, those whose flag, or the reason for it, is another: among `value` too. */
  readonly reflagged: number;
  /** Numbers that became other numbers, and the sum of after minus before. */
  readonly changes: number;
  readonly change: number;
  readonly largest?: Difference;
}

/** What a job has found so far. */
export interface Result {
  readonly devices: number;
  readonly devicesDone: number;
  /** Uplinks of the devices that the journal or the quarantine had, and how many could be read. */
  readonly uplinks: number;
  readonly read: number;
  /** Uplinks that are refused now, by reason. What is stored of them stays. */
  readonly refused: readonly { readonly reason: string; readonly uplinks: number }[];
  /** Quarantined uplinks that are read now, and leave the quarantine. */
  readonly released: number;
  /** Later than what was asked for: before it too little is kept to judge by, and what is stored was left as it is. */
  readonly since?: Instant;
  readonly quantities: readonly QuantityResult[];
  /** The ten largest, by their share of what the quantity can be; the largest first. */
  readonly largest: readonly Difference[];
  /** Hours (GMT) and days (of UK clocks) of devices in which something changed. */
  readonly hours: number;
  readonly days: number;
}

export const emptyResult: Result = {
  devices: 0,
  devicesDone: 0,
  uplinks: 0,
  read: 0,
  refused: [],
  released: 0,
  quantities: [],
  largest: [],
  hours: 0,
  days: 0,
};

/** A run over history: asked for, at work, or over. */
export interface Job extends JobRequest {
  /** Rises. */
  readonly id: number;
  readonly actor: Actor;
  readonly createdAt: Instant;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly state: JobState;
  /** 0 to 1. */
  readonly progress: number;
  readonly result: Result;
  /** Why it failed. */
  readonly fault?: string;
}

/** What is kept of a job as it goes on. */
export type JobNews = Partial<Pick<Job, 'startedAt' | 'endedAt' | 'state' | 'progress' | 'result' | 'fault'>>;

/** Changes of the registry: jobs are asked for and called off by name. */
export interface JobChanges {
  /**
   * Asks for a run. A server of this installation takes it up, now or when it is started.
   * @throws NotFound (`device-unknown`, `profile-unknown`, `site-unknown`), Invalid (`span-invalid`, `name-invalid`), Conflict
   * (`reprocess-waits`) where the same is waiting already.
   */
  askReprocess(request: JobRequest): Promise<Job>;
  /** Calls a job off; what it has done stays. @throws NotFound (`reprocess-unknown`), Conflict (`reprocess-ended`). */
  cancelReprocess(id: number): Promise<Job>;
}

/** What the registry keeps of jobs. */
export interface JobRegister {
  /** Newest first; `before` is the id of the last one seen. */
  reprocessJobs(query: { readonly limit: number; readonly before?: number }): Promise<readonly Job[]>;
  /** In the order in which they are to be run. */
  unfinishedReprocess(): Promise<readonly Job[]>;
  reprocessJob(id: number): Promise<Job | undefined>;
  /** Puts down how a job goes on, unless it was called off. Answers what is kept now. A power cut may undo the newest of these. */
  keepReprocess(id: number, news: JobNews): Promise<Job | undefined>;
}

/** What the doors out are told of runs that go on. */
export interface Reprocessing {
  /** Looks whether there is something to do or to stop; called after jobs were asked for or called off. */
  wake(): void;
  /** As `reprocessJob`, with what a running one has found up to now. */
  job(id: number): Promise<Job | undefined>;
}
