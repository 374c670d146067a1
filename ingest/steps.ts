import type { Decoded, Profile } from '../device-profiles/profile.ts';
import type { Instant, Judged, QuantityId, Reading, Refusal, Unusable } from '../device-profiles/vocabulary/index.ts';
import type { Entry } from '../infra/journal/contract.ts';
import type { Device } from '../infra/registry/contract.ts';

/**
 * What each step hands to the next. A step takes only its predecessor's type, so that a wrong order does not compile;
 * whatever cannot go on leaves the row as a Refusal.
 */
export interface IdentifiedUplink {
  readonly entry: Entry;
  readonly device: Device;
  readonly profile: Profile;
}

/** The maker's words, one message for each time that the payload speaks of. */
export interface DecodedUplink extends IdentifiedUplink {
  readonly messages: readonly Decoded[];
}

/** Quantities in canonical units at a time and a place; `deviceTime` is kept where it was not believed. */
export interface NormalisedReading extends Reading {
  readonly entry: Entry;
  readonly profile: Profile;
  readonly disbelieved?: Instant;
}

/** The same with corrected values. */
export interface CalibratedReading extends NormalisedReading {
  /** Quantities whose correction needs what the message does not have: their values are as the device said them. */
  readonly uncorrected?: ReadonlySet<QuantityId>;
}

/** A reading with its flags, and the uplink that it came from. */
export interface JudgedEntry {
  readonly entry: Entry;
  readonly reading: Reading<Judged>;
}

/** A step's yield: what goes on, and what does not. */
export interface Sorted<Onward> {
  readonly onward: readonly Onward[];
  readonly refusals: readonly Refusal[];
}

/**
 * Applies a step to each item; what it refuses is set aside and never holds up the next. A step that throws is a fault of
 * ours: its uplink is set aside too, with the reason `internal-fault`, because otherwise it would block all that come after it.
 */
export const sort = <In extends { readonly entry: Entry }, Out>(
  items: readonly In[],
  step: (item: In) => readonly Out[] | Unusable,
): Sorted<Out> => {
  const onward: Out[] = [];
  const refusals: Refusal[] = [];
  for (const item of items) {
    const result = attempt(step, item);
    if ('reason' in result) refusals.push({ uplink: item.entry.uplink, reason: result.reason, detail: result.detail });
    else for (const out of result) onward.push(out);
  }
  return { onward, refusals };
};

const attempt = <In, Out>(step: (item: In) => Out, item: In): Out | Unusable => {
  try {
    return step(item);
  } catch (error) {
    return {
      reason: 'internal-fault',
      detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
};
