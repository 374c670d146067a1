import { Type, type Static } from 'typebox';
import { mqtt, externalMqtt, lorawan } from './sections/devices.ts';
import { area, ingest, averages, objectives, footfall } from './sections/judging.ts';
import { chirpstack, thingsStack } from './sections/network-servers.ts';
import { dashboard, healthAdvice, map, theme } from './sections/pages.ts';
import { log, http, feeds } from './sections/server.ts';
import { signIn, oidc } from './sections/sign-in.ts';
import { data, timeseries, influxdb, journal } from './sections/storage.ts';

/** Every setting there is: `kerbside.yaml`, each overridden by `KERBSIDE_<SECTION>_<KEY>`. Constants of nature are not settings. */
export const schema = Type.Object(
  {
    data,
    log,
    area,
    http,
    mqtt,
    externalMqtt,
    lorawan,
    chirpstack,
    thingsStack,
    timeseries,
    averages,
    objectives,
    influxdb,
    journal,
    ingest,
    footfall,
    feeds,
    dashboard,
    healthAdvice,
    map,
    theme,
    signIn,
    oidc,
  },
  { additionalProperties: false },
);

export type Config = Static<typeof schema>;
