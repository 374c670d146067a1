import { DatabaseSync } from 'node:sqlite';

/** What was published and acknowledged. */
export interface Published {
  /** The time of each device's message 0; message n has this plus n milliseconds. */
  readonly startMs: number;
  readonly devices: readonly { readonly id: string }[];
  /** How many messages of each device, in the same order, were acknowledged. */
  readonly acked: readonly number[];
}

/** What is found in the store that a stopped Kerbside left. */
export interface Audit {
  readonly stored: number;
  /** Messages that were acknowledged and are not in the store. */
  readonly lost: number;
}

const VALUES_OF_A_MESSAGE = 5;

/**
 * Reads the time series with SQLite itself and looks for each acknowledged message by its device and time, which no
 * two messages share.
 * @throws Error when there is a reading that nobody sent, or one that has not all its values.
 */
export const auditTimeSeries = (file: string, { startMs, devices, acked }: Published): Audit => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const incomplete = count(db.prepare('SELECT count(*) AS n FROM readings WHERE (SELECT count(*) FROM json_each(observations)) <> ?').get(VALUES_OF_A_MESSAGE));
    if (incomplete > 0) throw new Error(`${incomplete} readings do not have their ${VALUES_OF_A_MESSAGE} values`);
    const between = db.prepare('SELECT count(DISTINCT time) AS n FROM readings WHERE device = ? AND time >= ? AND time < ?');
    const stored = count(db.prepare('SELECT count(*) AS n FROM readings').get());
    let found = 0;
    let lost = 0;
    for (const [index, { id }] of devices.entries()) {
      const sent = acked[index] ?? 0;
      const here = count(between.get(id, startMs, startMs + sent));
      found += here;
      lost += sent - here;
    }
    if (stored !== found) throw new Error(`${stored - found} readings in the store belong to no message that was acknowledged`);
    return { stored, lost };
  } finally {
    db.close();
  }
};

const count = (row: Record<string, unknown> | undefined): number => {
  const n = row?.['n'];
  if (typeof n !== 'number') throw new Error('SQLite did not count');
  return n;
};
