import type { Downlink, DownlinkCommand, Frame, Rows } from './codec/contract.ts';
import type { Sandbox } from './codec/sandbox.ts';
import type { Vector } from './definition/schema.ts';
import type { QualitySettings } from './quality/settings.ts';
import type { Instant } from './vocabulary/time.ts';
import type { Absence } from './vocabulary/value.ts';
import type { Conversion } from './vocabulary/unit.ts';
import type { ProfileId } from './vocabulary/ids.ts';
import type { QuantityId } from './vocabulary/quantity.ts';
import type { Unusable } from './vocabulary/refusal.ts';

/** How one key of the decoded message becomes a quantity. */
export interface Field {
  readonly quantity: QuantityId;
  /** The unit in which the device speaks: a UCUM code that converts to the quantity's own. */
  readonly unit: string;
  /** From `unit` to the quantity's canonical unit, worked out once when the catalogue is opened. */
  readonly conversion: Conversion;
  /** Numbers with which this device says "nothing here", and why. */
  readonly absentAt: ReadonlyMap<number, Absence>;
  /** Of a counter: it begins at 0 again after 2 to the power of this. Undefined where that is not known. */
  readonly bits?: number;
}

/** One decoded message: the maker's words at one time. A field that the message does not have has no key here. */
export interface Decoded {
  /** The device's own time, not yet believed; undefined when it sent none. */
  readonly time?: Instant;
  readonly fields: ReadonlyMap<string, number | null>;
  /** How many of the message's keys became no field: neither mapped nor named in the profile's `ignores`, or outdone by another key of the same quantity. */
  readonly unmapped: number;
}

/**
 * What the times of a source are: instants (`utc`); what UK clocks showed (`local`); the same, by a source that has 24 hours
 * on every day, those of the clock change too (`local-without-dst`). The last two are stored as if they were UTC, and
 * counts are moved to when they were: infra/footfall/source-clock.ts.
 */
export const sourceClocks = ['utc', 'local', 'local-without-dst'] as const;
export type SourceClock = (typeof sourceClocks)[number];

/** Whether the time of a period's count is the period's beginning or its end. */
export type Labelling = 'begin' | 'end';

/** How a device's counts are to be read. */
export interface CountRules {
  readonly labelled: Labelling;
  readonly sourceClock: SourceClock;
}

/** Where a battery counts as empty. */
export interface EmptyMark {
  readonly quantity: 'battery_voltage' | 'battery_level';
  /** In the quantity's canonical unit: V, or %. */
  readonly emptyAt: number;
}

/** What a model of device sends and how it is understood. Built by the catalogue from a folder of data. */
export interface Profile {
  readonly id: ProfileId;
  readonly name: string;
  readonly maker: string;
  readonly sends: 'json' | 'lorawan';
  /** Nobody has confirmed what its keys mean: its uplinks wait. */
  readonly draft: boolean;
  /** What other catalogues call it: `<brand>/<model>`. */
  readonly alsoKnownAs: readonly string[];
  /** VendorID and VendorProfileID as in a TR005 code: eight upper-case hexadecimal digits. */
  readonly lorawanProfileIds: readonly string[];
  /** How often the device should be heard. */
  readonly everyMs: number;
  /** Undefined where the maker does not say, or there is no battery. */
  readonly battery?: EmptyMark;
  /** Undefined: a period's count has the time at which it began, in UTC. */
  readonly counts?: CountRules;
  readonly fields: ReadonlyMap<string, Field>;
  /** Thresholds of quality tests that differ from those of the quantities. */
  readonly quality?: QualitySettings;
  /** Changes whenever the decoding does: the first 12 hex digits of a SHA-256 over the profile's files. */
  readonly version: string;
  /**
   * Bytes to the maker's words, in the order of the inputs. Never rejects: what cannot be understood is an Unusable. Many at
   * once cost far less than one after the other where the profile has a codec, which runs in a thread of its own.
   */
  decode(inputs: readonly DecodeInput[], notes?: readonly Notes[]): Promise<readonly (readonly Decoded[] | Unusable)[]>;
  /**
   * The same profile, decoding in another sandbox, perhaps with another codec: what is only tried there costs the decoding
   * of live uplinks nothing, however often it has to be stopped.
   */
  trial(sandbox: Sandbox, codec?: string): Profile;
  /** The messages that its folder has with what becomes of them (`vectors.yaml`), read anew; none where they cannot be read. */
  vectors(): Promise<readonly Vector[]>;
  /** Commands for the device; undefined where it sends JSON. */
  readonly commands?: Commands;
}

/** What a codec makes of commands. Neither rejects: what cannot be said, or understood, is an Unusable. */
export interface Commands {
  /** Where the codec has no `encodeDownlink`, that is its error. */
  encode(command: DownlinkCommand): Promise<Downlink | Unusable>;
  decode(frame: Frame): Promise<Rows | Unusable>;
}

/** What a decode says of one message beside its result, for whoever looks on: `decode` fills it in, refused or not. */
export interface Notes {
  /** The message in the maker's words, before anything is mapped: an object for each time that it speaks of. Empty where it could not be read so far. */
  said: readonly unknown[];
  /** What the codec warned of. */
  warnings: readonly string[];
  /** The keys that `Decoded.unmapped` counts, by name, as they were met. */
  readonly unmapped: string[];
}

export const openNotes = (): Notes => ({ said: [], warnings: [], unmapped: [] });

export interface DecodeInput {
  readonly payload: Uint8Array;
  /** When the network received it, as far as that is believed: `recvTime` of TS013. */
  readonly receivedAt: Instant;
  /** LoRaWAN only. */
  readonly fPort?: number;
  /** What ChirpStack calls a device's variables, for a codec that wants some. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Whether a decode was refused. */
export const isUnusable = (result: readonly Decoded[] | Unusable): result is Unusable => 'reason' in result;

/** The profiles that this installation knows. */
export interface Catalogue {
  get(id: ProfileId): Profile | undefined;
  list(): readonly Profile[];
  /** Called after profiles were added, changed, confirmed or removed. Answers how to stop. */
  onChange(listener: () => void): () => void;
}
