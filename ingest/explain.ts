import type { Sandbox } from '../device-profiles/codec/sandbox.ts';
import { openNotes, type Catalogue, type Notes } from '../device-profiles/profile.ts';
import { deviceId, type Refusal, type Uplink } from '../device-profiles/vocabulary/index.ts';
import type { Entry } from '../infra/journal/contract.ts';
import type { ExplainedReading, Explain, Explanation, RefusingStep, Trial } from '../infra/preview/contract.ts';
import type { Device, Registry } from '../infra/registry/contract.ts';
import type { TimeSeries } from '../infra/timeseries/contract.ts';
import { calibrate } from './calibrate.ts';
import { decode } from './decode.ts';
import { catalogueApart } from './apart.ts';
import { identify } from './identify.ts';
import { judgeAlone } from './judge/alone.ts';
import { lookOn } from './judge/look.ts';
import { openPlans } from './judge/plans.ts';
import { normalise, phenomenonTime, type ClockWindow } from './normalise.ts';
import type { DecodedUplink, IdentifiedUplink, JudgedEntry, NormalisedReading, Sorted } from './steps.ts';

/** What an explanation stands on: what the pipeline's pure steps do, and a sandbox that is not the pipeline's. */
export interface ExplainParts {
  readonly registry: Pick<
    Registry,
    'device' | 'devices' | 'deployment' | 'site' | 'quality' | 'calibrations' | 'calibration' | 'onChange'
  >;
  /** What was said before and after; without it values are judged by themselves. */
  readonly timeseries?: Pick<TimeSeries, 'range'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly window: ClockWindow;
  /** A codec that has to be stopped here is not set aside there: a look must never keep a sensor from being heard. */
  readonly sandbox: Sandbox;
}

/**
 * Says what the pipeline makes of uplinks. It calls the steps of pipeline.ts up to `judge` and none of its own, so
 * that an explanation cannot differ from what is stored.
 */
export const explainer = ({ registry, timeseries, catalogue, window, sandbox }: ExplainParts): Explain => {
  const plans = openPlans(registry);
  const judge = (readings: readonly NormalisedReading[]): Promise<readonly JudgedEntry[]> | readonly JudgedEntry[] =>
    timeseries === undefined ? judgeAlone(readings) : lookOn(readings, { timeseries, plans });
  const apart = catalogueApart(catalogue, sandbox);
  return async (uplinks, trial) => {
    // A copy of each, because a refusal names its uplink, and one may be asked for twice.
    const entries = uplinks.map((uplink, seq): Entry => ({ seq, uplink: { ...uplink } }));
    const identified = trial === undefined ? identify(entries, registry, apart) : assumed(entries, trial, registry);
    const notes = new Map<Entry, Notes>();
    const note = ({ entry }: IdentifiedUplink): Notes => {
      const empty = openNotes();
      notes.set(entry, empty);
      return empty;
    };
    const decoded = await decode(identified.onward, window, note);
    const [ours, strangers] = parted(decoded.onward);
    const normalised = [normalise(ours, registry, window), normalise(strangers, nowhere, window)];
    const [registered, nobodys] = normalised.map(({ onward }) => onward);
    const judged = Map.groupBy(
      [...(await judge(calibrate(registered ?? [], registry))), ...judgeAlone(nobodys ?? [])],
      ({ entry }) => entry,
    );
    const refusals = refusalsOf({
      identify: identified.refusals,
      decode: decoded.refusals,
      normalise: normalised.flatMap((one) => one.refusals),
    });
    const known = new Map(identified.onward.map((one) => [one.entry, one]));
    const messages = new Map(decoded.onward.map((one) => [one.entry, one]));
    return entries.map((entry, index): Explanation => {
      const reader = known.get(entry);
      const { said, warnings, unmapped } = notes.get(entry) ?? openNotes();
      const refused = refusals.get(entry.uplink);
      return {
        uplink: uplinks[index] ?? entry.uplink,
        ...(reader === undefined ? unidentified(entry, registry) : readerOut(reader)),
        said,
        warnings,
        unmapped: [...new Set(unmapped)],
        readings: readingsOf(messages.get(entry), judged.get(entry) ?? [], window),
        ...(refused === undefined ? {} : { refused }),
      };
    });
  };
};

const NOBODY: Omit<Device, 'profile' | 'createdAt' | 'statusSince'> = {
  id: deviceId('nobody'),
  name: 'nobody',
  status: 'commissioned',
};

/** Uplinks that are read by a profile that somebody chose, whoever sent them. */
const assumed = (
  entries: readonly Entry[],
  trial: Trial,
  registry: Pick<Registry, 'device'>,
): Sorted<IdentifiedUplink> => ({
  onward: entries.map((entry) => ({
    entry,
    profile: trial.profile,
    device: senderOf(entry, trial, registry),
  })),
  refusals: [],
});

const strangers = new WeakSet<Device>();
const senderOf = (
  { uplink }: Entry,
  { profile, device, variables }: Trial,
  registry: Pick<Registry, 'device'>,
): Device => {
  const known = device === undefined ? registry.device(uplink.device) : device;
  const { receivedAt: at } = uplink;
  const sender = {
    ...(known ?? { ...NOBODY, profile: profile.id, createdAt: at, statusSince: at }),
    ...(variables === undefined ? {} : { variables }),
  };
  if (known === undefined || known === null) strangers.add(sender);
  return sender;
};

/** Whoever is nobody stands nowhere, even where a registered device has its name. */
const nowhere: Pick<Registry, 'deployment' | 'site'> = { deployment: () => undefined, site: () => undefined };
const parted = (decoded: readonly DecodedUplink[]): readonly [DecodedUplink[], DecodedUplink[]] => [
  decoded.filter(({ device }) => !strangers.has(device)),
  decoded.filter(({ device }) => strangers.has(device)),
];

const refusalsOf = (
  bySteps: Readonly<Record<RefusingStep, readonly Refusal[]>>,
): ReadonlyMap<Uplink, NonNullable<Explanation['refused']>> => {
  const told = (step: RefusingStep) =>
    bySteps[step].map(({ uplink, reason, detail }) => [uplink, { step, reason, detail }] as const);
  return new Map([...told('identify'), ...told('decode'), ...told('normalise')]);
};

const readerOut = ({
  device,
  profile: { id, version },
}: IdentifiedUplink): Pick<Explanation, 'device' | 'profile'> => ({
  ...(strangers.has(device) ? {} : { device: device.id }),
  profile: { id, version },
});

const unidentified = ({ uplink }: Entry, registry: Pick<Registry, 'device'>): Pick<Explanation, 'device'> => {
  const device = registry.device(uplink.device);
  return device === undefined ? {} : { device: device.id };
};

/** The judged readings of an uplink, each beside the message that it came from: both stand in the same order. */
const readingsOf = (
  decoded: DecodedUplink | undefined,
  judged: readonly JudgedEntry[],
  window: ClockWindow,
): readonly ExplainedReading[] => {
  if (decoded === undefined) return [];
  const { entry, profile, messages } = decoded;
  return judged.flatMap(({ reading }, index) => {
    const message = messages[index];
    if (message === undefined) return [];
    const { clock, disbelieved } = phenomenonTime(message, entry.uplink, window);
    const keys = [...message.fields.keys()].filter((key) => profile.fields.has(key));
    const { time, site, borough, observations } = reading;
    return {
      time,
      clock,
      ...(disbelieved === undefined ? {} : { disbelieved }),
      site,
      borough,
      values: observations.map((judgedOne, place) => {
        const key = keys[place] ?? '';
        return { ...judgedOne, key, unit: profile.fields.get(key)?.unit ?? '' };
      }),
    };
  });
};
