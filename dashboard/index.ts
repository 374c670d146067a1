import { Unavailable } from '../device-profiles/vocabulary/index.ts';
import { averageSettings } from '../infra/averages/settings.ts';
import { averagesFrom } from './api/averages-from.ts';
import { api, describeApi } from './api/index.ts';
import { explaining } from './explain/explain.ts';
import { openFeed, type Feed, type FeedParts } from './feeds/mqtt.ts';
import { openLive } from './live/index.ts';
import { openMapBase } from './map/base.ts';
import { gatewayStates } from './now/gateways.ts';
import { openLatest } from './now/latest.ts';
import { openOverview } from './now/overview.ts';
import { hearings } from './now/rules.ts';
import { pages } from './pages/index.ts';
import { protect } from './pages/security.ts';
import type { DashboardParts } from './parts.ts';

/** The doors out: HTTP API, pages, live events, the partners' feed. */
export interface Dashboard {
  /** `mqtt://host:port` of the partners' feed; undefined when it is switched off. */
  readonly feedUrl: string | undefined;
  close(): Promise<void>;
}

/**
 * Hangs the doors out on the HTTP server, before it listens, and opens the partners' listener. Routes that others put
 * under `/api/` afterwards are described in `/api/v1/openapi.json` as well.
 * A feed whose port is taken is said in the log and left out: it must not keep sensors from being heard.
 */
export const dashboard = async (parts: DashboardParts): Promise<Dashboard> => {
  const { http } = parts;
  const map = await openMapBase(parts.config);
  const latest = openLatest(parts);
  const now = openOverview({ ...parts, latest });
  await protect(http);
  await describeApi(http);
  const { timeseries, registry, catalogue, clock, config } = parts;
  const averages = averagesFrom({ timeseries, registry, catalogue, averages: averageSettings(config) });
  const explain = explaining(parts.explainValue, {
    averages,
    footfall: config.footfall,
    timeseries,
    registry,
    catalogue,
    clock,
  });
  await api(http, { ...parts, now, latest, explaining: explain });
  const seen = await pages(http, { ...parts, map, now, latest, explaining: explain });
  const counted = countDevices(now, parts.metrics);
  const live = openLive({ ...parts, latest });
  const feed = await feedOrNone({ ...parts, latest });
  return {
    feedUrl: feed.url,
    async close() {
      await live.close();
      await feed.close();
      seen.close();
      clearInterval(counted);
      now.close();
      latest.close();
    },
  };
};

/** How often the gauge of devices is brought up to date: Prometheus asks about as often. */
const COUNT_MS = 15_000;

const countDevices = (
  now: ReturnType<typeof openOverview>,
  { devices, gateways: radio }: DashboardParts['metrics'],
): NodeJS.Timeout => {
  const count = (): void => {
    const { counts, gateways } = now.overview();
    for (const state of hearings)
      devices.set({ state }, counts[state] + gateways.filter(({ hearing }) => hearing === state).length);
    const known = [...now.fleet().gateways.values()];
    for (const state of gatewayStates) radio.set({ state }, known.filter((one) => one.state === state).length);
  };
  count();
  return setInterval(count, COUNT_MS).unref();
};

const feedOrNone = async (parts: FeedParts): Promise<Feed> => {
  try {
    return await openFeed(parts);
  } catch (err) {
    if (!(err instanceof Unavailable)) throw err;
    const { mqttHost: host, mqttPort: port } = parts.config.feeds;
    parts.log.error(
      { reason: err.code, host, port },
      'the feed for partners is closed: its port is taken; set KERBSIDE_FEEDS_MQTT_PORT to a free one and start again',
    );
    return { url: undefined, close: () => Promise.resolve() };
  }
};
