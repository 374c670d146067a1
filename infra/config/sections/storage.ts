import { Type } from 'typebox';
import { section } from './shapes.ts';

/** Settings of what is kept: where, how much and how long. */

/** Where everything is kept: `data`. */
export const data = section(
  {
    dir: Type.String({
      default: './data',
      description: 'Where everything is kept. Relative to the working folder.',
    }),
  },
  'Storage',
);

/** Where observations are kept, and how long: `timeseries`. */
export const timeseries = section(
  {
    backend: Type.Union([Type.Literal('sqlite'), Type.Literal('influxdb')], {
      default: 'sqlite',
      description: 'The embedded store, or an InfluxDB 1.8 to 3.',
    }),
    retentionDays: Type.Integer({
      minimum: 0,
      default: 0,
      description: 'Observations older than this go, but not their hours and days. 0 keeps them.',
    }),
    hourlyRetentionDays: Type.Integer({
      minimum: 0,
      default: 0,
      description: 'Hours older than this go, when the observations they were made of have gone. 0 keeps them.',
    }),
    dailyRetentionDays: Type.Integer({
      minimum: 0,
      default: 0,
      description: 'Days older than this go, when their hours have gone. 0 keeps them.',
    }),
  },
  'Where observations are kept',
);

/** The InfluxDB, where they are kept in one: `influxdb`. */
export const influxdb = section(
  {
    url: Type.String({
      default: 'http://127.0.0.1:8086',
      pattern: '^https?://[^/?#@]+(/[^@]*)?$',
      description: 'Its HTTP API, without a name or password: those belong in influxdb.token.',
    }),
    database: Type.String({
      default: 'kerbside',
      description: 'Database (1.x, 3.x) or bucket (2.x); made when missing where the server lets us.',
    }),
    token: Type.Optional(Type.String({ description: 'InfluxDB 2 and 3, or user:password of 1.x.' })),
    timeoutMs: Type.Integer({
      minimum: 100,
      default: 10000,
      description: 'After so long without an answer the store counts as down; the journal keeps what comes in.',
    }),
  },
  'InfluxDB, when timeseries.backend is influxdb',
);

/** The log of raw uplinks: `journal`. */
export const journal = section(
  {
    retentionDays: Type.Number({ minimum: 0.01, default: 30, description: 'How long raw uplinks are kept.' }),
    maxBytes: Type.Integer({
      minimum: 1048576,
      default: 10737418240,
      description: 'How large the journal may grow before the oldest handled uplinks go.',
    }),
    minFreeBytes: Type.Integer({
      minimum: 0,
      default: 268435456,
      description: 'Free disk below which new uplinks are refused, so that pruning and reading still work.',
    }),
    groupMs: Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 2,
      description: 'How long an uplink waits for others to share its commit.',
    }),
  },
  'The log of raw uplinks',
);
