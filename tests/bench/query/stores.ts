import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { instant } from '../../../device-profiles/vocabulary/index.ts';
import { openLog } from '../../../infra/logging/index.ts';
import type { TimeSeries } from '../../../infra/timeseries/contract.ts';
import { openInfluxTimeSeries } from '../../../infra/timeseries/influxdb.ts';
import { openSqliteTimeSeries } from '../../../infra/timeseries/sqlite.ts';
import { startInfluxdb } from '../../servers/index.ts';
import { own } from '../owned.ts';
import { DAY_MS, END, type QueryCase } from './cases.ts';

/** Where the questions are asked. */
export const stores = ['sqlite', 'influxdb'] as const;
export type StoreName = (typeof stores)[number];

/** A time series, and the same data without any of ours between. */
export interface QueryStore {
  /** `SQLite`, and what its bare questions are asked in. */
  readonly words: { readonly name: string; readonly language: string };
  readonly series: TimeSeries;
  /** Ready to be asked once more; answers how many rows there are. */
  bare(query: QueryCase): () => Promise<number>;
  /** On the disk; undefined where the store does not say. */
  megabytes(): number | undefined;
  close(): Promise<void>;
}

/** All was observed by then, on whichever day this runs. */
const clock = { now: () => instant(END + DAY_MS) };

export const openStore: Readonly<Record<StoreName, () => Promise<QueryStore>>> = {
  sqlite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kerbside-query-'));
    const remove = own(async () => rmSync(folder, { recursive: true }));
    const file = join(folder, 'timeseries.db');
    const series = openSqliteTimeSeries({ file, log: openLog('silent'), clock });
    let db: DatabaseSync | undefined;
    const open = (): DatabaseSync => (db ??= new DatabaseSync(file, { readOnly: true }));
    return {
      words: { name: 'SQLite', language: 'SQL' },
      series,
      bare: ({ sql, parameters }) => {
        const statement = open().prepare(sql);
        return async () => statement.all(...parameters).length;
      },
      megabytes: () => {
        const [pages, size] = ['page_count', 'page_size'].map((name) =>
          Number(open().prepare(`PRAGMA ${name}`).get()?.[name]),
        );
        return ((pages ?? 0) * (size ?? 0)) / 1e6;
      },
      close: async () => {
        db?.close();
        await series.close();
        await remove();
      },
    };
  },
  influxdb: async () => {
    const server = await startInfluxdb();
    const stop = own(() => server.stop());
    const series = openInfluxTimeSeries({
      url: server.url,
      database: DATABASE,
      timeoutMs: 120_000,
      log: openLog('silent'),
      clock,
    });
    return {
      words: { name: 'InfluxDB 1.6', language: 'InfluxQL' },
      series,
      bare:
        ({ influxql }) =>
        async () => {
          let rows = 0;
          for (const statement of influxql) rows += rowsIn(await ask(server.url, statement));
          return rows;
        },
      megabytes: () => undefined,
      close: async () => {
        await series.close();
        await stop();
      },
    };
  },
};

const DATABASE = 'bench';

/** As anybody would: one request, and its JSON read. */
const ask = async (url: string, statement: string): Promise<unknown> => {
  const answer = await fetch(`${url}/query?db=${DATABASE}&epoch=ms`, {
    method: 'POST',
    body: new URLSearchParams({ q: statement }),
  });
  return answer.json();
};

interface Answer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values: readonly unknown[] }[];
  }[];
}

const rowsIn = (answer: unknown): number => {
  const { results } = answer as Answer;
  const error = results.find((result) => result.error !== undefined)?.error;
  if (error !== undefined) throw new Error(`InfluxDB answers: ${error}`);
  return results.flatMap(({ series = [] }) => series).reduce((rows, { values }) => rows + values.length, 0);
};
