import { isUnusable, type Decoded, type DecodeInput, type Notes, type Profile } from '../device-profiles/profile.ts';
import type { Unusable } from '../device-profiles/vocabulary/index.ts';
import { phenomenonTime, type ClockWindow } from './normalise.ts';
import { sort, type DecodedUplink, type IdentifiedUplink, type Sorted } from './steps.ts';

/**
 * Bytes to the maker's words, as the profile says. The uplinks of one profile are decoded together, the profiles at the same
 * time; what comes out stands in the order of the batch. A frame without a message has no messages, and that is no
 * fault. `note` asks for what is said beside the result.
 */
export const decode = async (
  identified: readonly IdentifiedUplink[],
  window: ClockWindow,
  note?: (uplink: IdentifiedUplink) => Notes,
): Promise<Sorted<DecodedUplink>> => {
  const answers = new Map<IdentifiedUplink, readonly Decoded[] | Unusable>();
  const speaking = identified.filter((uplink) => {
    if (!isMute(uplink)) return true;
    answers.set(uplink, []);
    return false;
  });
  const groups = [...Map.groupBy(speaking, ({ profile }) => profile)];
  await Promise.all(
    groups.map(async ([profile, uplinks]) => {
      const results = await attempt(
        profile,
        uplinks.map((uplink) => inputOf(uplink, window)),
        note === undefined ? undefined : uplinks.map(note),
      );
      for (const [index, uplink] of uplinks.entries()) answers.set(uplink, results[index] ?? UNANSWERED);
    }),
  );
  return sort(identified, (uplink) => {
    const messages = answers.get(uplink) ?? UNANSWERED;
    return isUnusable(messages) ? messages : [{ ...uplink, messages }];
  });
};

/**
 * A LoRaWAN frame for the network alone (LoRaWAN 1.0.4, 4.3.2: FPort 0 holds MAC commands) or without any payload: the
 * device lives, and says nothing.
 */
const isMute = ({ entry: { uplink } }: IdentifiedUplink): boolean =>
  uplink.lorawan !== undefined && (uplink.lorawan.fPort === 0 || uplink.payload.length === 0);

const UNANSWERED: Unusable = { reason: 'internal-fault', detail: 'the profile gave no answer' };

const inputOf = ({ entry, device }: IdentifiedUplink, window: ClockWindow): DecodeInput => {
  const { payload, lorawan } = entry.uplink;
  return {
    payload,
    // TS013: when the network received it. A codec reckons the times of earlier samples from here, and what was fetched
    // after an outage came to us hours later.
    receivedAt: phenomenonTime({}, entry.uplink, window).time,
    ...(lorawan === undefined ? {} : { fPort: lorawan.fPort }),
    ...(device.variables === undefined ? {} : { variables: device.variables }),
  };
};

/** A profile never rejects; one that does would hold up every later batch, so its uplinks are set aside instead. */
const attempt = async (
  profile: Profile,
  inputs: readonly DecodeInput[],
  notes?: readonly Notes[],
): ReturnType<Profile['decode']> => {
  try {
    return await profile.decode(inputs, notes);
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return inputs.map(() => ({ reason: 'internal-fault', detail }));
  }
};
