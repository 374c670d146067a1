import type { DeviceId, Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { LorawanKeyName, NewSite } from '../contract.ts';

/** What a row of a bulk registration says, each field by the name of its column in a CSV file. */
export const rowFields = [
  'id',
  'name',
  'profile',
  'dev_eui',
  'join_eui',
  'serial',
  'status',
  'variables',
  'speaks_for',
  'site',
  'site_name',
  'street',
  'usrn',
  'postcode',
  'asset',
  'latitude',
  'longitude',
  'borough',
  'ward',
  'deployed_from',
] as const;
export type RowField = (typeof rowFields)[number];

/** Columns with LoRaWAN keys, each with the name under which the registry has it. */
export const keyFields = [
  ['app_key', 'appKey'],
  ['nwk_key', 'nwkKey'],
  ['app_s_key', 'appSKey'],
  ['nwk_s_key', 'nwkSKey'],
  ['dev_addr', 'devAddr'],
] as const;
export type KeyField = (typeof keyFields)[number][0];

/** LoRaWAN keys as somebody wrote them down. They stand in nothing that comes out of a registration. */
export type RowKeys = Readonly<Partial<Record<LorawanKeyName | 'devAddr', string>>>;

/** Why a row is bad, beside the codes with which a single change would be refused. */
export const rowReasons = [
  'cell-misplaced',
  'dev-eui-twice',
  'device-twice',
  'formula',
  'id-missing',
  'number-invalid',
  'profile-missing',
  'row-broken',
  'row-length',
  'site-contradicts',
  'site-missing',
] as const;

/** One thing that is wrong with a row. */
export interface RowFault {
  /** `row`: all of it. */
  readonly field: RowField | KeyField | 'row';
  /** One of `rowReasons`, or the code of the error that a single change would have met. */
  readonly reason: string;
  /** Of a key it never says more than how long it is. */
  readonly detail: string;
}

/** What a row says of a site; what is not given stays as it is. */
export type Place = Omit<NewSite, 'id'>;

/** One device with its site, as somebody wrote it down. What is not given is left as it is; nothing takes away. */
export interface DeviceRow {
  /** Where it stands in its file, counted from 1. */
  readonly line: number;
  /** Unless given, the device with that DevEUI; where there is none, a new one called `eui-<dev_eui>`. */
  readonly id?: string;
  readonly name?: string;
  readonly profile?: string;
  readonly devEui?: string;
  readonly joinEui?: string;
  readonly serial?: string;
  readonly status?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly speaksFor?: readonly string[];
  /** What is not given of them stays as it is kept. */
  readonly keys?: RowKeys;
  /** Where it stands from `deployedFrom` on. One that is not registered yet is registered. */
  readonly site?: string;
  /** Of that site, or of the one where the device stands already. */
  readonly place: Place;
  /** `place` may be that of a site under the device's own id, where the device stands nowhere. */
  readonly placeByDevice?: true;
  /** The deployment's beginning; now for a device that moves, the beginning of time for a new one, unless given. */
  readonly deployedFrom?: Instant;
  /** What was wrong with it before it came here; such a field is not given. */
  readonly faults: readonly RowFault[];
}

/** What stands in the place of a key. */
export const MASK = '***';

/** One field that a row changes. Null: nothing was there. A key is `MASK`, before and after. */
export interface RowChange {
  readonly field: RowField | KeyField;
  readonly from: string | null;
  readonly to: string;
}

export const rowOutcomes = ['new', 'changed', 'unchanged', 'bad'] as const;

/** What becomes of a row. */
export interface RowResult {
  readonly line: number;
  /** As the row has it, or as it follows from its DevEUI; null when it has neither. */
  readonly id: string | null;
  readonly outcome: (typeof rowOutcomes)[number];
  /** Of a known device, and of the known site at which a device stands. */
  readonly changes: readonly RowChange[];
  /** Everything that is wrong with it. */
  readonly faults: readonly RowFault[];
}

export interface BulkTotals {
  readonly rows: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly bad: number;
  readonly sitesNew: number;
  readonly sitesChanged: number;
  /** Devices, new or known, of which LoRaWAN keys or a DevAddr are kept that were not. */
  readonly keysSet: number;
}

/** How much of the work is done, in rows. */
export interface BulkProgress {
  readonly stage: 'reading' | 'checking' | 'registering';
  readonly done: number;
  readonly of: number;
}

export interface BulkOptions {
  /** Says what would become of each row, and changes nothing. */
  readonly dryRun?: boolean;
  /** Takes the good rows and leaves the bad ones; otherwise one bad row keeps all from being taken. */
  readonly goodRowsOnly?: boolean;
  /**
   * Called with the tokens of all new devices when everything else is done and nothing is committed yet: whoever keeps
   * them does it now. When it rejects, nothing was changed.
   */
  readonly keepTokens?: (tokens: readonly NewToken[]) => Promise<void>;
  readonly progress?: (progress: BulkProgress) => void;
}

/** The token of a new device, never to be had again. */
export interface NewToken {
  readonly id: DeviceId;
  readonly token: string;
}

export interface BulkResult {
  /** Whether the good rows are as they say now. False after a dry run, and when a bad row kept them from it. */
  readonly applied: boolean;
  readonly totals: BulkTotals;
  /** One for each row, in their order. */
  readonly rows: readonly RowResult[];
  readonly tokens: readonly NewToken[];
}
