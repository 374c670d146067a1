import type { ThresholdSource } from '../../device-profiles/quality/sources.ts';
import type { Conversion } from '../../device-profiles/vocabulary/unit.ts';
import type {
  DeviceId,
  Flag,
  Instant,
  Judged,
  Observation,
  ProfileId,
  QualityTest,
  QuarantineReason,
  QuantityId,
  SiteId,
  Value,
} from '../../device-profiles/vocabulary/index.ts';
import type { Entry } from '../journal/contract.ts';
import type { PhenomenonClock, RefusingStep } from '../preview/contract.ts';
import type { Calibration } from '../registry/contract.ts';

/** Which stored value is to be explained. */
export interface ValueAsked {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  /** Its phenomenon time, to the millisecond. */
  readonly time: Instant;
}

/**
 * What a message is to a value. `source`: the one it is from; `repeat`: it said the same again, or had said it before;
 * `outdone`: it gave another number for the same time, in whose place the source's is.
 */
export const messageParts = ['source', 'repeat', 'outdone'] as const;
export type MessagePart = (typeof messageParts)[number];

/** A message that speaks of the value. */
export interface Message {
  readonly part: MessagePart;
  readonly entry: Entry;
}

/**
 * Why there is no message to show. `retention`: the journal no longer reaches back so far; `not-found`: it does, and none
 * of those that came in then says it, as is so of what a much later message added to the same time.
 */
export const messageAbsences = ['retention', 'not-found'] as const;
export type MessageAbsence = (typeof messageAbsences)[number];

/** The field of the message from which a value is made. */
export interface ExplainedField {
  /** The maker's word for it. */
  readonly key: string;
  /** The profile has several words for the quantity, and nobody knows any more which of them it was. */
  readonly keyGuessed: boolean;
  readonly raw: number | null;
  readonly unit: string;
  /** The unit of the quantity. */
  readonly canonical: string;
  readonly conversion: Conversion;
  /** What came of it; absent where the profile says that this number means that there is none. */
  readonly converted: Value;
}

/** The calibration that holds at the time of the value, and what it does to it. */
export interface ExplainedCalibration {
  readonly calibration: Calibration;
  /** Relative humidity of the same message, %; undefined where none is needed, or it has none that is good. */
  readonly humidity?: number;
  /** What the number is divided by to take the water out; undefined where that is not asked. */
  readonly growth?: number;
  /** It needs a humidity that the message does not have: the value stays as the sensor said it. */
  readonly uncorrected: boolean;
  readonly before: number;
  readonly after: Value;
}

/**
 * Why a test was not made. `absent`: there is no value. `impossible`: no other test builds on a number that fails
 * `gross-range`. `off`: nobody asks for it. `no-device-time`: the message has no time of its own. `message-gone`: only the
 * message could tell. `no-calibration`: no calibration needs a humidity. `no-value-before`, `no-value-after`: none that can
 * be used, near enough in time. `other-quantity`: it is asked of particulate matter only. `no-fraction`: no other fraction
 * stands beside it. `nowhere`: the device stood at no site whose position is known. `too-few-nearby`: fewer than three
 * sites to compare with.
 */
export const notMade = [
  'absent',
  'impossible',
  'off',
  'no-device-time',
  'message-gone',
  'no-calibration',
  'no-value-before',
  'no-value-after',
  'other-quantity',
  'no-fraction',
  'nowhere',
  'too-few-nearby',
] as const;
export type NotMade = (typeof notMade)[number];

/** Who set a threshold: somebody for quantity, profile, site or device; the configuration; the calibration. */
export const boundSources = ['quantity', 'profile', 'site', 'device', 'configuration', 'calibration'] as const;
export type BoundSource = ThresholdSource | 'configuration' | 'calibration';

/** Within what a number passes; an end that is undefined is open. */
export interface Bound {
  /** Inclusive. */
  readonly min?: number;
  /** Inclusive. */
  readonly max?: number;
  /** Exclusive. */
  readonly below?: number;
  readonly source: BoundSource;
}

/** A value that a test looked at beside the one that is explained. */
export interface Beside {
  readonly time: Instant;
  readonly value: number;
  /** Undefined where it is of the same quantity and device. */
  readonly quantity?: QuantityId;
  readonly site?: SiteId;
}

/** One quality test of one value: what it compared, with what, and what it made of it. */
export interface Check {
  readonly test: QualityTest;
  /** What of the test: two are asked of fractions of particulate matter. */
  readonly asks: string;
  /** Undefined: it was made. */
  readonly notMade?: NotMade;
  /** Where it is `off`, who switched it off; undefined: nobody, it is off unless somebody sets it. */
  readonly offBy?: BoundSource;
  readonly flag?: Flag;
  /** The number that was compared; undefined where there was none, as of a humidity that is missing, or a silence without end. */
  readonly found?: number;
  /** Of `found` and the bounds: UCUM, `ms` for times, and a unit by the second for changes. */
  readonly unit: string;
  /** Outside of it the value is suspect. */
  readonly suspect?: Bound;
  /** Outside of it the value fails. */
  readonly fail?: Bound;
  readonly beside: readonly Beside[];
  /** It was asked when the value was news and is not asked again: the numbers are what the store has now. */
  readonly recalled: boolean;
}

/** What today's code makes of the message, or of the raw number where the message is gone. */
export interface Today {
  readonly kind: 'explained';
  /** Whose clock gave the time; undefined where the message is gone. */
  readonly clock?: PhenomenonClock;
  /** The time that was told, where it could not be right. */
  readonly disbelieved?: Instant;
  /** Which of the message's readings it is, from 0, and how many there are; undefined where the message is gone. */
  readonly reading?: { readonly index: number; readonly of: number };
  readonly site: SiteId | null;
  readonly field: ExplainedField;
  readonly calibration?: ExplainedCalibration;
  /** In the order in which tests are asked: each test at least once. */
  readonly checks: readonly Check[];
  readonly judged: Judged;
}

/** Today's code makes no value of it at all. `no-such-value`: it reads the message, and finds no such quantity for that time in it. */
export interface RefusedToday {
  readonly kind: 'refused';
  readonly step: RefusingStep;
  readonly reason: QuarantineReason | 'no-such-value';
  readonly detail: string;
}

/** In what a stored value may differ from what today's code makes of the same message. */
export const differingParts = ['value', 'raw', 'flag', 'reason', 'site', 'reading'] as const;
export type DifferingPart = (typeof differingParts)[number];

/** One stored value and how it came about. */
export interface ExplainedValue {
  readonly stored: Observation;
  /** In order of receipt; empty where none is left. */
  readonly messages: readonly Message[];
  readonly messagesAbsent?: MessageAbsence;
  /** By which it is read today; undefined where it is not installed. */
  readonly profile?: {
    readonly id: ProfileId;
    readonly name: string;
    readonly version: string;
    readonly codec: boolean;
  };
  readonly today: Today | RefusedToday;
  /** Empty: today's code gives what is stored. */
  readonly differs: readonly DifferingPart[];
  /**
   * The store has lost what was said before this, and the value is too near to it to be judged anew: flag and reason are not compared,
   * and a run over history leaves it as it is.
   */
  readonly keptSince?: Instant;
}

/**
 * Explains one stored value by the very steps of the pipeline, without anything being stored.
 * @throws NotFound (`device-unknown`; `value-unknown` naming the nearest times; `quantity-unmeasured`), StoreUnavailable.
 */
export type ExplainValue = (asked: ValueAsked) => Promise<ExplainedValue>;
