import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { number, reading, text } from './columns.ts';
import type { AbpCounter, Registry } from './contract.ts';
import type { Database } from './database.ts';
import { time } from './rows.ts';
import { chunks } from './tables.ts';
import { explaining } from './write.ts';

/** The counters of devices activated by personalisation, over a restart of whoever checks their frames. */
export const abpCounterTable = (database: Database): Pick<Registry, 'abpCounters' | 'keepAbpCounters'> => ({
  abpCounters: async () =>
    (
      await explaining(database, () => database.db.selectFrom('abp_counter').selectAll().orderBy('device').execute())
    ).map(counterOf),
  keepAbpCounters: (counters) =>
    explaining(database, () =>
      database.db.transaction().execute(async (trx) => {
        for (const chunk of chunks(counters)) {
          const ids = chunk.map(({ device }) => device);
          const there = await trx.selectFrom('device').select('id').where('id', 'in', ids).execute();
          const known = new Set(there.map(({ id }) => id));
          const rows = chunk
            .filter(({ device }) => known.has(device))
            .map(({ device, devAddr, fCnt, at }) => ({ device, dev_addr: devAddr, f_cnt: fCnt, at }));
          if (rows.length === 0) continue;
          await trx
            .insertInto('abp_counter')
            .values(rows)
            .onConflict((conflict) =>
              conflict.column('device').doUpdateSet((excluded) => ({
                dev_addr: excluded.ref('excluded.dev_addr'),
                f_cnt: excluded.ref('excluded.f_cnt'),
                at: excluded.ref('excluded.at'),
              })),
            )
            .execute();
        }
      }),
    ),
});

const counterOf = reading('abp_counter', (row): AbpCounter => ({
  device: deviceId(text(row, 'device')),
  devAddr: text(row, 'dev_addr'),
  fCnt: number(row, 'f_cnt'),
  at: time(row, 'at'),
}));
