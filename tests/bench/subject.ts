/** A device that the load may sign in as. */
export interface Credentials {
  readonly id: string;
  readonly token?: string;
}

/** A stack under measurement, running. */
export interface Subject {
  readonly port: number;
  readonly devices: readonly Credentials[];
  /** Its processes, without those of the load and of a subscriber that only counts. */
  pids(): readonly number[];
  /** How many messages are stored so far (delivered, where nothing is stored), as cheaply as may be asked again and again. */
  stored(): Promise<number>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Devices `bench-00000` on: names of one width, so that every message has the same size. */
export const deviceIds = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `bench-${String(index).padStart(5, '0')}`);
