import type { FastifyRequest } from 'fastify';
import type { Advice } from '../../infra/averages/health-advice.ts';
import type { AverageSettings } from '../../infra/averages/settings.ts';
import type { Explaining } from '../explain/explain.ts';
import type { DashboardParts } from '../parts.ts';
import type { CountSettings } from '../../infra/footfall/footfall.ts';
import type { Identity } from '../../infra/http/auth.ts';
import type { SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Changes, Device, Registry } from '../../infra/registry/contract.ts';
import type { RetentionDays } from '../../infra/timeseries/retention.ts';
import type { FleetNow } from '../now/fleet.ts';
import type { Latest } from '../now/latest.ts';
import type { Overview, SensorNow } from '../now/overview.ts';

/** A check that runs before the request is even parsed: without a key nobody learns what a route would accept. */
interface Access {
  readonly onRequest: (request: FastifyRequest) => Promise<void>;
}

/** What somebody sees. */
export interface Seen {
  readonly registry: Registry;
  readonly overview: () => Overview;
  /** The sites to which each question is confined; undefined: to none. */
  readonly sites: readonly SiteId[] | undefined;
}

/** What the routes of the API stand on. */
export interface ApiParts extends Pick<
  DashboardParts,
  | 'registry'
  | 'live'
  | 'timeseries'
  | 'journal'
  | 'catalogue'
  | 'clock'
  | 'heard'
  | 'radio'
  | 'redrive'
  | 'explain'
  | 'trialSandbox'
  | 'log'
  | 'networks'
  | 'reprocessing'
> {
  readonly now: { overview(): Overview; sensor(device: Device): SensorNow; fleet(): FleetNow };
  /** How a stored value came about. */
  readonly explaining: Explaining;
  readonly latest: Pick<Latest, 'values' | 'heardAt'>;
  /** How counts of passages are read. */
  readonly footfall: CountSettings;
  /** For how long each tier of observations is kept. */
  readonly retention: RetentionDays;
  /** What an installation decided about means and objectives. */
  readonly averages: AverageSettings;
  /** What people are told about the air. */
  readonly advice: Advice;
  /** Where people reach this Kerbside; undefined where nobody has said. */
  readonly publicUrl: string | undefined;
  /** Who asks. */
  readonly identityOf: (request: FastifyRequest) => Identity;
  /** The changes in the name of whoever asks. */
  readonly changesBy: (request: FastifyRequest) => Changes;
  /** The parts as whoever asks sees them: all, or published sites only. For routes with `may.see`. */
  readonly seenBy: (request: FastifyRequest) => Seen;
  /** Route options by scope; `see`: whoever sees the pages. `stillReads` is for answers that go on for long. */
  readonly may: {
    readonly see: Access;
    readonly read: Access;
    readonly operate: Access;
    readonly manage: Access;
    readonly administer: Access;
    readonly manages: (request: FastifyRequest) => boolean;
    readonly stillReads: (request: FastifyRequest) => boolean;
  };
}
