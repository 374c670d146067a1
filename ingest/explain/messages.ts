import { measure } from '../../device-profiles/measure.ts';
import type { Decoded, Profile } from '../../device-profiles/profile.ts';
import {
  instant,
  uplinkId,
  type Instant,
  type Observation,
  type QuantityId,
  type Refusal,
} from '../../device-profiles/vocabulary/index.ts';
import type { Entry, Journal } from '../../infra/journal/contract.ts';
import type { RefusingStep } from '../../infra/preview/contract.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { calibrate } from '../calibrate.ts';
import { decode } from '../decode.ts';
import { normalise, type ClockWindow } from '../normalise.ts';
import type { CalibratedReading, NormalisedReading } from '../steps.ts';

/** What the steps before `judge` make of a message today. */
export interface Made {
  readonly entry: Entry;
  readonly messages: readonly Decoded[];
  /** One for each message, in the same order; and the same with corrected values. */
  readonly normalised: readonly NormalisedReading[];
  readonly calibrated: readonly CalibratedReading[];
  readonly refused?: { readonly step: RefusingStep; readonly refusal: Refusal };
}

/** Whose messages are read, and how. */
export interface Reader {
  readonly device: Device;
  readonly profile: Profile;
  readonly registry: Pick<Registry, 'deployment' | 'site' | 'calibrations' | 'calibration'>;
  readonly window: ClockWindow;
}

/** A device that repeats itself, or is corrected, is so within minutes; and ten minutes are read of the journal in any case. */
const NEAR_MS = 10 * 60_000;
/** What one explanation reads of the journal, on either side: beyond it repeats are not told. */
const MESSAGES_AT_MOST = 50;
const BYTES_AT_MOST = 1_048_576;
/** What another message adds to a time that was there comes within a day, or is not looked for. */
const ADDED_WITHIN_MS = 24 * 3_600_000;

type Reads = Pick<Journal, 'read'>;

/** Messages of a device that came in within ten minutes before a time, and at it and within ten minutes after it, in order of receipt. */
export const messagesNear = async (journal: Reads, device: Device, receivedAt: Instant): Promise<readonly Entry[]> => [
  ...(await received(journal, device, { from: instant(receivedAt - NEAR_MS), to: receivedAt, keep: 'last' })),
  ...(await received(journal, device, { from: receivedAt, to: instant(receivedAt + NEAR_MS), keep: 'first' })),
];

/** Those of the rest of the day. */
export const messagesLater = (journal: Reads, device: Device, receivedAt: Instant): Promise<readonly Entry[]> =>
  received(journal, device, {
    from: instant(receivedAt + NEAR_MS),
    to: instant(receivedAt + ADDED_WITHIN_MS),
    keep: 'first',
  });

interface Wanted {
  readonly from: Instant;
  readonly to: Instant;
  /** Where there are more than one explanation decodes: those from the beginning, or those to the end. */
  readonly keep: 'first' | 'last';
}

/** Whichever name its sender used. */
const received = async (
  journal: Reads,
  { id, devEui }: Device,
  { keep, ...span }: Wanted,
): Promise<readonly Entry[]> => {
  const names = [
    { by: 'id', value: id } as const,
    ...(devEui === undefined ? [] : [{ by: 'devEui', value: devEui } as const]),
  ];
  const found: Entry[] = [];
  for (const device of names) {
    const some: Entry[] = [];
    let bytes = 0;
    for await (const entry of journal.read({ device, ...span })) {
      some.push(entry);
      bytes += entry.uplink.payload.byteLength;
      const isTooMuch = some.length > 1 && (bytes > BYTES_AT_MOST || some.length > MESSAGES_AT_MOST);
      if (isTooMuch && keep === 'first') break;
      while (some.length > 1 && (bytes > BYTES_AT_MOST || some.length > MESSAGES_AT_MOST))
        bytes -= some.shift()?.uplink.payload.byteLength ?? 0;
    }
    found.push(...some);
  }
  return found.sort((a, b) => a.seq - b.seq);
};

/** Runs the steps up to `calibrate` over messages of one device. */
export const makeOf = async (
  entries: readonly Entry[],
  { device, profile, registry, window }: Reader,
): Promise<readonly Made[]> => {
  const decoded = await decode(
    entries.map((entry) => ({ entry, device, profile })),
    window,
  );
  const normalised = normalise(decoded.onward, registry, window);
  const calibrated = calibrate(normalised.onward, registry);
  const told = (step: RefusingStep, refusals: readonly Refusal[]) =>
    refusals.map((refusal) => [refusal.uplink, { step, refusal }] as const);
  const refusals = new Map([...told('decode', decoded.refusals), ...told('normalise', normalised.refusals)]);
  const messages = new Map(decoded.onward.map((one) => [one.entry, one.messages]));
  return entries.map((entry) => {
    const refused = refusals.get(entry.uplink);
    return {
      entry,
      messages: messages.get(entry) ?? [],
      normalised: normalised.onward.filter((one) => one.entry === entry),
      calibrated: calibrated.filter((one) => one.entry === entry),
      ...(refused === undefined ? {} : { refused }),
    };
  });
};

/** Where in what was made of a message a value is: which of its readings, and where in that; undefined where it is not. */
export const placeIn = (
  { normalised }: Pick<Made, 'normalised'>,
  { quantity, time }: { readonly quantity: QuantityId; readonly time: Instant },
): { readonly reading: number; readonly value: number } | undefined => {
  for (const [reading, { time: at, observations }] of normalised.entries()) {
    const value = at === time ? observations.findIndex((one) => one.quantity === quantity) : -1;
    if (value !== -1) return { reading, value };
  }
  return undefined;
};

/** What today's profile makes of the raw numbers that the store has of one time, where their message is gone. */
export const makeOfRaw = (stored: readonly Observation[], { device, profile, registry }: Reader): Made | undefined => {
  const [first] = stored;
  if (first === undefined) return undefined;
  const { time, receivedAt } = first;
  const fields = new Map(
    stored.flatMap(({ quantity, raw }) => {
      const [key] = keysOf(profile, quantity);
      return key === undefined ? [] : [[key, raw] as const];
    }),
  );
  const message: Decoded = { time, fields, unmapped: 0 };
  // A message stands for the one that is gone: of it only the identity is asked.
  const entry: Entry = {
    seq: 0,
    uplink: {
      id: uplinkId('gone'.padEnd(22, '0')),
      redelivered: false,
      connector: 'mqtt',
      device: { by: 'id', value: device.id },
      receivedAt,
      payload: new Uint8Array(),
    },
  };
  const site = registry.deployment(device.id, time)?.site ?? null;
  const borough = (site === null ? undefined : registry.site(site)?.borough) ?? null;
  const normalised: readonly NormalisedReading[] = [
    { entry, profile, device: device.id, site, borough, time, receivedAt, observations: measure(profile, message) },
  ];
  return { entry, messages: [message], normalised, calibrated: calibrate(normalised, registry) };
};

/** The words with which a profile's devices speak of a quantity. */
export const keysOf = ({ fields }: Pick<Profile, 'fields'>, quantity: QuantityId): readonly string[] =>
  [...fields].flatMap(([key, field]) => (field.quantity === quantity ? [key] : []));
