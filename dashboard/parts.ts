import type { Sandbox } from '../device-profiles/codec/sandbox.ts';
import type { Catalogue } from '../device-profiles/profile.ts';
import type { Clock, Connector } from '../device-profiles/vocabulary/index.ts';
import type { Config } from '../infra/config/schema.ts';
import type { ExplainValue } from '../infra/explain/contract.ts';
import type { Http } from '../infra/http/server.ts';
import type { HeardReader } from '../infra/heard/contract.ts';
import type { Journal } from '../infra/journal/contract.ts';
import type { LiveBus } from '../infra/live/contract.ts';
import type { Log } from '../infra/logging/index.ts';
import type { Metrics } from '../infra/metrics/index.ts';
import type { Networks } from '../infra/network-server/networks.ts';
import type { Explain } from '../infra/preview/contract.ts';
import type { RadioReader } from '../infra/radio/contract.ts';
import type { Reprocessing } from '../infra/reprocess/contract.ts';
import type { Quarantined, Registry } from '../infra/registry/contract.ts';
import type { TimeSeries } from '../infra/timeseries/contract.ts';

/** What became of an uplink that was driven through the pipeline again; one of the three is 1. */
export interface Redriven {
  readonly stored: number;
  readonly duplicate: number;
  readonly quarantined: number;
}

/** What the doors out stand on. */
export interface DashboardParts {
  readonly http: Http;
  readonly config: Config;
  readonly registry: Registry;
  readonly timeseries: TimeSeries;
  readonly journal: Journal;
  readonly live: LiveBus;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How devices are heard. */
  readonly heard: HeardReader;
  /** Gateways, and how they hear devices. */
  readonly radio: RadioReader;
  /** Whether the broker of a door that reads from one delivers to us now; undefined where there is none. */
  readonly brokerUp: (door: Connector) => boolean | undefined;
  /**
   * Drives one quarantined uplink through the pipeline again and, unless it is refused again, takes it out of the
   * quarantine.
   */
  readonly redrive: (quarantined: Quarantined) => Promise<Redriven>;
  /** Says what the pipeline makes of uplinks, without storing anything. */
  readonly explain: Explain;
  /** Says how a stored value came about. */
  readonly explainValue: ExplainValue;
  /** Runs over history. */
  readonly reprocessing: Reprocessing;
  /** The LoRaWAN network servers in which devices are registered. */
  readonly networks: Networks;
  /** Where codecs are tried, apart from the live uplinks. */
  readonly trialSandbox: Sandbox;
}
