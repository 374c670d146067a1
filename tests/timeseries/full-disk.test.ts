import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import { mountSmallDisk, withoutSmallDisk, type SmallDisk } from '../journal/small-disk.ts';
import { silent } from './places.ts';
import { after, device, MINUTE, pass, reading } from './readings.ts';

describe.skipIf(withoutSmallDisk('a time series on a disk that fills up'))('a disk that fills up', () => {
  let disk: SmallDisk | undefined;
  beforeEach(() => {
    disk = mountSmallDisk(2 * 1_048_576);
  });
  afterEach(() => disk?.remove());

  test('is said as such; nothing that was written is lost, no batch is half there', async () => {
    const series = openSqliteTimeSeries({
      file: join(disk?.folder ?? '', 'timeseries.db'),
      log: silent,
      clock: systemClock,
    });
    const batch = (hour: number) =>
      Array.from({ length: 100 }, (_, n) =>
        reading([pass('pm2_5', n)], { device: device(n), time: after(hour * MINUTE) }),
      );
    let written = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        await series.write(batch(written));
        written += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('is full'),
    });
    expect(written).toBeGreaterThan(10);
    expect(await wholeRange(series)).toHaveLength(written * 100);
    await series.close();
  });
});
