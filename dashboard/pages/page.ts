import type { Device } from '../../infra/registry/contract.ts';
import type { FleetNow } from '../now/fleet.ts';
import type { Explaining } from '../explain/explain.ts';
import type { Latest } from '../now/latest.ts';
import type { Overview, SensorNow } from '../now/overview.ts';
import type { DashboardParts } from '../parts.ts';
import type { Sparks } from './sparks.ts';

/** What pages are made from. */
export interface PageParts extends Pick<
  DashboardParts,
  'config' | 'registry' | 'timeseries' | 'catalogue' | 'clock' | 'log' | 'heard' | 'radio'
> {
  readonly now: { overview(): Overview; sensor(device: Device): SensorNow; fleet(): FleetNow };
  readonly latest: Latest;
  /** Lines of places, for lists. */
  readonly sparks: Sparks;
  /** How a stored value came about. */
  readonly explaining: Explaining;
}

/** Pages of accounts, in a folder of their own. */
type AccountTemplate = `accounts/${'sign-in' | 'code' | 'signed-out' | 'join' | 'account' | 'second-factor' | 'recovery-codes' | 'manage' | 'people' | 'person' | 'link' | 'keys' | 'key-made' | 'audit' | 'publish'}`;

/** A page: which template, and what it prints. */
export interface Page {
  readonly template: 'front' | 'place' | 'explain' | 'alerts' | 'devices' | 'gateways' | 'gateway' | 'accessibility' | 'error' | AccountTemplate;
  readonly title: string;
  /** The entry of the navigation that it belongs to. */
  readonly section?: 'now' | 'alerts' | 'sensors' | 'gateways' | 'manage';
  /** Set where the page is redrawn while one looks at it; only for the sake of these sites where they are given. */
  readonly live?: { readonly sites?: readonly string[] };
  /** Whether it has the fields of forms, which need a style sheet of their own. */
  readonly forms?: boolean;
  /** Whether it has charts that a script can open for a closer look. */
  readonly charts?: boolean;
  /** As of when it is true, on the monotonic clock of this process; unless given, of when it was begun. */
  readonly asOf?: number;
  readonly content: object;
}

/** What a page is asked with: of its address the parts that pages know. */
export interface Asked {
  /** Whether whoever asks has proved that he may read everything; false where he sees what everybody sees. */
  readonly mayRead: boolean;
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
  readonly borough: string | undefined;
  readonly ward: string | undefined;
}

/** Makes a page. @throws NotFound where what it is about is not there. */
export type PageMaker = (asked: Asked, parts: PageParts) => Page | Promise<Page>;
