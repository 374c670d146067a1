import type { Device } from '../../infra/registry/contract.ts';
import type { FleetNow } from '../now/fleet.ts';
import type { Explaining } from '../explain/explain.ts';
import type { MapBase } from '../map/base.ts';
import type { Latest } from '../now/latest.ts';
import type { Overview, SensorNow } from '../now/overview.ts';
import type { Identity } from '../../infra/http/auth.ts';
import type { DashboardParts } from '../parts.ts';
import type { Sight } from '../sight.ts';
import type { Language } from '../words/index.ts';
import type { Sparks } from './sparks.ts';

/** What pages are made from; pages of engineers also from what they drive and try. */
export interface PageParts extends Pick<
  DashboardParts,
  | 'config'
  | 'registry'
  | 'live'
  | 'timeseries'
  | 'catalogue'
  | 'clock'
  | 'log'
  | 'metrics'
  | 'heard'
  | 'radio'
  | 'journal'
  | 'redrive'
  | 'explain'
  | 'trialSandbox'
  | 'reprocessing'
  | 'networks'
> {
  readonly now: { overview(): Overview; sensor(device: Device): SensorNow; fleet(): FleetNow };
  readonly latest: Latest;
  /** Lines of places, for lists. */
  readonly sparks: Sparks;
  /** How a stored value came about. */
  readonly explaining: Explaining;
  /** What maps are drawn on. */
  readonly map: MapBase;
}

/** Pages of accounts, in a folder of their own. */
type AccountTemplate = `accounts/${AccountName}`;
type AccountName =
  | 'sign-in'
  | 'code'
  | 'signed-out'
  | 'join'
  | 'account'
  | 'second-factor'
  | 'recovery-codes'
  | 'manage'
  | 'people'
  | 'person'
  | 'link'
  | 'keys'
  | 'key-made'
  | 'audit'
  | 'publish';

/** Pages of engineers, in a folder of their own. */
type EngineerTemplate = `engineers/${EngineerName}`;
type EngineerName =
  | 'begin'
  | 'scan'
  | 'model'
  | 'name'
  | 'place'
  | 'keys'
  | 'check'
  | 'registered'
  | 'device'
  | 'status'
  | 'password'
  | 'network'
  | 'gateway-name'
  | 'replace'
  | 'replaced'
  | 'quarantine'
  | 'quarantined'
  | 'redriven'
  | 'import'
  | 'import-report'
  | 'calibrations'
  | 'calibrate'
  | 'fit'
  | 'runs'
  | 'run'
  | 'codecs'
  | 'compare'
  | 'health'
  | 'many'
  | 'many-done';

/** A page: which template, and what it prints. */
export interface Page {
  readonly template:
    | 'front'
    | 'map'
    | 'compare'
    | 'wall'
    | 'place'
    | 'explain'
    | `alerts/${'list' | 'story'}`
    | `rules/${'list' | 'editor'}`
    | 'devices'
    | 'gateways'
    | 'gateway'
    | 'accessibility'
    | 'error'
    | AccountTemplate
    | EngineerTemplate;
  readonly title: string;
  /** The entry of the navigation that it belongs to. */
  readonly section?: 'now' | 'map' | 'compare' | 'alerts' | 'sensors' | 'gateways' | 'engineer' | 'manage';
  /** Set where the page is redrawn while one looks at it; only for the sake of these sites where they are given. */
  readonly live?: { readonly sites?: readonly string[] } | undefined;
  /** Whether it has the fields of forms, which need a style sheet of their own. */
  readonly forms?: boolean;
  /** Whether it is the map, a comparison or the wall, which have a style sheet of their own too. */
  readonly wide?: boolean;
  /** Scripts beside those of every page, by their names in the build. */
  readonly scripts?: readonly ('field' | 'scan' | 'mapOpen' | 'wall')[];
  /** Whether it has charts, which need a style sheet and can be opened for a closer look. */
  readonly charts?: boolean;
  /** As of when it is true, on the monotonic clock of this process; unless given, of when it was begun. */
  readonly asOf?: number;
  /** Set where all its words come from the catalogue of languages; else what it prints is taken for English. */
  readonly inEveryLanguage?: true;
  readonly content: object;
}

/** What a page is asked with: of its address the parts that pages know. */
export interface Asked {
  /** Whether whoever asks has proved that he may read everything; false where he sees what everybody sees. */
  readonly mayRead: boolean;
  /** Whether he may answer alerts, and change rules, here: people who signed in, because only they have forms. */
  readonly mayOperate: boolean;
  readonly mayManage: boolean;
  readonly language: Language;
  /** The last part of the path, such as a site's id. */
  readonly id: string;
  readonly page: string | undefined;
  readonly condition: string | undefined;
  readonly before: string | undefined;
  readonly quantity: string | undefined;
  readonly time: string | undefined;
  /** A stretch of time of a page of a site: its id, and the days of a custom one. */
  readonly range: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Of a file of a page: whose it is, of what, and by which periods. */
  readonly device: string | undefined;
  readonly of: string | undefined;
  readonly by: string | undefined;
  /** What the first page is searched for, and where. */
  readonly q: string | undefined;
  /** Which alerts, and what was just done about one. */
  readonly state: string | undefined;
  readonly site: string | undefined;
  readonly rule: string | undefined;
  readonly since: string | undefined;
  readonly done: string | undefined;
  readonly borough: string | undefined;
  readonly ward: string | undefined;
  /** Ids of sites, divided by commas. */
  readonly sites: string | undefined;
  readonly add: string | undefined;
  readonly past: string | undefined;
  readonly every: string | undefined;
  readonly hold: string | undefined;
}

/** Makes a page. @throws NotFound where what it is about is not there. */
export type PageMaker = (asked: Asked, parts: PageParts) => Page | Promise<Page>;

/** Somebody who was let in, how much he sees, what he asked for, and the parts that it is made from for him. */
export interface Seeing {
  readonly who: Identity;
  readonly sight: Sight;
  readonly asked: Asked;
  readonly parts: PageParts;
}
