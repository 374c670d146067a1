import { setTimeout as sleep } from 'node:timers/promises';
import { isSetAside } from '../../device-profiles/codec/exchange.ts';
import type { Catalogue } from '../../device-profiles/profile.ts';
import {
  instant,
  KerbsideError,
  type DeviceId,
  type DeviceRef,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Entry, Journal } from '../../infra/journal/contract.ts';
import { openPause } from '../../infra/pause.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { decode } from '../decode.ts';
import { identify } from '../identify.ts';
import { normalise, type ClockWindow } from '../normalise.ts';
import type { DecodedUplink, IdentifiedUplink, NormalisedReading, Sorted } from '../steps.ts';
import type { Owners } from './names.ts';
import { bodyOf } from './said.ts';
import type { Stretch } from './stretches.ts';
import type { Gathered } from './work-file.ts';

/** Uplinks that are read at once: what a codec's thread takes in one go, and the doors wait for. */
const TOGETHER = 200;
/**
 * Readings that are put down in one go. The journal has the devices by turns, so that each reading is for another page of the
 * work file: put down a few at a time, nearly every page is written again for each few.
 */
const PUT_TOGETHER = 1_000;
/** And so many of others are passed over before what was looked at is put down. */
const PASSED_AT_MOST = 20_000;
/** Whole payloads, read at once. */
const QUARANTINE_PAGE = 100;
/** An uplink that says nothing of the span is remembered when it came no further from it than this: its old values may be in it. */
const ELSEWHERE_MS = 86_400_000;

/** A codec that is set aside is asked again after this, and so many times before it is given up: longer than it is set aside for. */
const [ASIDE_LOOK_MS, ASIDE_LOOKS] = [5_000, 14];

export interface GatherParts {
  readonly registry: Pick<Registry, 'deployment' | 'site' | 'quarantined'>;
  readonly journal: Pick<Journal, 'read'>;
  /** With a sandbox of its own: the codecs of live uplinks wait for nothing here. */
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly window: ClockWindow;
  readonly signal: AbortSignal;
  /** How often a codec that is set aside is asked again, in milliseconds; `ASIDE_LOOK_MS` unless given. */
  readonly asideLookMs?: number;
}

/** Which uplinks are wanted: those of the owners, received from `from` on, after a place of the journal and up to another. */
export interface Wanted {
  readonly owners: Owners;
  readonly stretches: readonly Stretch[];
  readonly from: number;
  readonly after: number;
  readonly through: number;
}

/** Uplinks that were read, and the place in the journal up to which all are. */
export interface Yield {
  readonly gathered: readonly Gathered[];
  readonly through: number;
}

/** What uplinks of the journal say now, by the steps of the pipeline, in order of receipt. */
export async function* gatherJournal(
  parts: GatherParts,
  { owners, stretches, from, after, through }: Wanted,
): AsyncGenerator<Yield> {
  const pause = openPause();
  let waiting: Owned[] = [];
  let read: Gathered[] = [];
  let since = after;
  for await (const entry of parts.journal.read({ after, from: instant(from) })) {
    parts.signal.throwIfAborted();
    if (entry.seq > through) break;
    const device = owners(entry.uplink);
    if (device !== undefined) waiting.push({ entry, device });
    const passed = entry.seq - since >= PASSED_AT_MOST;
    if (waiting.length < TOGETHER && !passed) continue;
    read.push(...(await readAll(parts, waiting, stretches)));
    waiting = [];
    if (passed || rowsOf(read) >= PUT_TOGETHER) {
      yield { gathered: read, through: entry.seq };
      [read, since] = [[], entry.seq];
    }
    await pause();
  }
  read.push(...(await readAll(parts, waiting, stretches)));
  yield { gathered: read, through };
}

const rowsOf = (gathered: readonly Gathered[]): number =>
  gathered.reduce((sum, { readings }) => sum + Math.max(1, readings.length), 0);

/** The same of what waits in the quarantine, which may have left the journal since. */
export async function* gatherQuarantine(
  parts: GatherParts,
  devices: readonly Device[],
  { owners, stretches }: Pick<Wanted, 'owners' | 'stretches'>,
): AsyncGenerator<readonly Gathered[]> {
  for (const { id, devEui } of devices) {
    const refs: DeviceRef[] = [
      { by: 'id', value: id },
      ...(devEui === undefined ? [] : [{ by: 'devEui', value: devEui } as const]),
    ];
    for (const ref of refs) {
      for (let before: number | undefined; ;) {
        const page = await parts.registry.quarantined({
          device: ref,
          limit: QUARANTINE_PAGE,
          ...(before === undefined ? {} : { before }),
        });
        parts.signal.throwIfAborted();
        const owned = page.toReversed().flatMap(({ id: quarantined, uplink }) => {
          const device = owners(uplink);
          return device === undefined ? [] : [{ entry: { seq: NO_SEQ, uplink }, device, quarantined }];
        });
        yield await readAll(parts, owned, stretches);
        const last = page.at(-1);
        if (last === undefined || page.length < QUARANTINE_PAGE) break;
        before = last.id;
      }
    }
  }
}

/** Quarantined uplinks have a place in the quarantine, not in the journal. */
const NO_SEQ = -1;

interface Owned {
  readonly entry: Entry;
  readonly device: Device;
  readonly quarantined?: number;
}

const readAll = async (
  parts: GatherParts,
  owned: readonly Owned[],
  stretches: readonly Stretch[],
): Promise<readonly Gathered[]> => {
  if (owned.length === 0) return [];
  const { registry, catalogue, window } = parts;
  const refusals = new Map<Uplink, string>();
  const identified: IdentifiedUplink[] = [];
  for (const { entry, device } of owned) {
    const one = identify([entry], { device: () => device }, catalogue);
    identified.push(...one.onward);
    for (const { uplink, reason } of one.refusals) refusals.set(uplink, reason);
  }
  const decoded = await decodePatiently(identified, parts);
  const normalised = normalise(decoded.onward, registry, window);
  for (const { uplink, reason } of [...decoded.refusals, ...normalised.refusals]) refusals.set(uplink, reason);
  const said = Map.groupBy(normalised.onward, ({ entry }) => entry);
  return owned.flatMap((one) => gatheredOf(one, said.get(one.entry) ?? [], refusals.get(one.entry.uplink), stretches));
};

/**
 * A codec that now and then takes too long is set aside for up to a minute, and what it is given meanwhile is refused for no fault of
 * its own: that is asked again. @throws KerbsideError (`reprocess-codec`) for one that reads nothing.
 */
const decodePatiently = async (
  identified: readonly IdentifiedUplink[],
  { window, signal, asideLookMs = ASIDE_LOOK_MS }: GatherParts,
): Promise<Sorted<DecodedUplink>> => {
  let { onward, refusals } = await decode(identified, window);
  for (let looks = 1; ; looks += 1) {
    const aside = new Set(refusals.filter(isSetAside).map(({ uplink }) => uplink));
    const waiting = identified.filter(({ entry }) => aside.has(entry.uplink));
    const [first] = waiting;
    if (first === undefined) return { onward, refusals };
    const { id } = first.profile;
    if (looks > ASIDE_LOOKS || !onward.some(({ profile }) => profile.id === id))
      throw new KerbsideError(
        'reprocess-codec',
        `the codec of ${id} takes too long for nearly all that it is given, and was set aside: mend it, then ask for the run again`,
      );
    await sleep(asideLookMs, undefined, { signal });
    const again = await decode(waiting, window);
    if (again.refusals.length < waiting.length || !again.refusals.every(isSetAside)) looks = 0;
    [onward, refusals] = [
      [...onward, ...again.onward],
      [...refusals.filter((one) => !isSetAside(one)), ...again.refusals],
    ];
  }
};

const gatheredOf = (
  { entry, device, quarantined }: Owned,
  said: readonly NormalisedReading[],
  reason: string | undefined,
  stretches: readonly Stretch[],
): readonly Gathered[] => {
  const { receivedAt } = entry.uplink;
  const isIn = (time: number): boolean =>
    stretches.some((stretch) => stretch.device === device.id && time >= stretch.from && time < stretch.to);
  const base = { device: device.id, receivedAt, ...(quarantined === undefined ? {} : { quarantined }) };
  const inside = said.filter(({ time }) => isIn(time));
  if (inside.length === 0 && !isNear(device.id, receivedAt, stretches)) return [];
  const beside = isIn(receivedAt) ? {} : ({ beside: true } as const);
  if (reason !== undefined) return [{ ...base, ...beside, outcome: 'refused', reason, readings: [] }];
  if (said.length === 0) return [{ ...base, ...beside, outcome: 'silent', readings: [] }];
  const readings = inside.map((reading) => ({
    device: device.id,
    time: reading.time,
    receivedAt,
    body: bodyOf(reading),
  }));
  return [{ ...base, outcome: inside.length === said.length ? 'read' : 'elsewhere', readings }];
};

const isNear = (device: DeviceId, receivedAt: number, stretches: readonly Stretch[]): boolean =>
  stretches.some(
    (stretch) =>
      stretch.device === device && receivedAt >= stretch.from - ELSEWHERE_MS && receivedAt < stretch.to + ELSEWHERE_MS,
  );
