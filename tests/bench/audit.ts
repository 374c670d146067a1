import { DatabaseSync } from 'node:sqlite';
import { total } from './sums.ts';

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
 * Reads the time series with SQLite itself and ticks off each acknowledged message by its device and time, which no
 * two messages share. The newest rows lie in `recent`, and a row on its way from there to `readings` may lie in both.
 * @throws Error when there is a reading that nobody was told of, or one that has not all its values.
 */
export const auditTimeSeries = (file: string, { startMs, devices, acked }: Published): Audit => {
  const ticks = new Map(devices.map(({ id }, index) => [id, new Uint8Array(acked[index] ?? 0)]));
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    for (const { device, time, observations } of db
      .prepare(
        'SELECT device, time, observations FROM readings UNION ALL SELECT device, time, observations FROM recent',
      )
      .iterate()) {
      const ofDevice = ticks.get(String(device));
      const place = Number(time) - startMs;
      if (ofDevice?.[place] === undefined)
        throw new Error(`the store has a reading that was never acknowledged: ${String(device)} at ${String(time)}`);
      if (valuesIn(observations) !== VALUES_OF_A_MESSAGE)
        throw new Error(`a reading has not its ${VALUES_OF_A_MESSAGE} values: ${String(observations)}`);
      ofDevice[place] = 1;
    }
  } finally {
    db.close();
  }
  const stored = [...ticks.values()].reduce(
    (sum, ofDevice) => sum + ofDevice.reduce((ticked, tick) => ticked + tick, 0),
    0,
  );
  return { stored, lost: total(acked) - stored };
};

const valuesIn = (observations: unknown): number => Object.keys(Object(JSON.parse(String(observations)))).length;
