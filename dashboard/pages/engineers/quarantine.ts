import {
  InvalidId,
  KerbsideError,
  NotFound,
  quarantineReasons,
  type QuarantineReason,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Quarantined, Registry } from '../../../infra/registry/contract.ts';
import { quarantinedOf } from '../../quarantined-of.ts';
import type { Redriven } from '../../parts.ts';
import { again, fresh } from '../accounts/parts.ts';
import type { Desk, Visit } from '../desk.ts';
import { when } from '../models.ts';
import type { Page } from '../page.ts';
import { quarantineWords } from '../words.ts';
import { manages, withQuery, workHref, type EngineerParts } from './parts.ts';
import { uplinkView } from './uplink-view.ts';
import { englishWords } from '../../words/index.ts';

const HREF = '/engineer/quarantine';
/** Entries hold whole payloads. */
const ENTRIES_A_PAGE = 50;
/** Driven through in one go while somebody waits for the page: each takes some milliseconds. */
const LOT_AT_MOST = 200;

/** Which messages: as the address says, or as the form of a lot has it in its address. */
interface Wanted {
  readonly reason: QuarantineReason | undefined;
  readonly device: string;
}

const wantedIn = (visit: Visit): Wanted => ({
  reason: quarantineReasons.find((one) => one === visit.query('reason')),
  device: visit.query('device')?.trim().slice(0, 80) ?? '',
});

const hrefOf = ({ reason, device }: Wanted, more: Readonly<Record<string, string | undefined>> = {}): string =>
  withQuery(HREF, { reason, device, ...more });

/** @throws InvalidId where the device's name cannot be one. */
const entriesOf = (
  { reason, device }: Wanted,
  registry: Registry,
  query: { readonly limit: number; readonly before?: number },
): Promise<readonly Quarantined[]> => {
  const asked = { ...query, ...(reason === undefined ? {} : { reason }) };
  return device === '' ? registry.quarantined(asked) : quarantinedOf(device, registry, asked);
};

const listPage = async (
  { registry, clock }: EngineerParts,
  visit: Visit,
  entries: readonly Quarantined[],
): Promise<Page> => {
  const wanted = wantedIn(visit);
  const now = clock.now();
  const tallies = await registry.quarantineCounts();
  const total = tallies.reduce((sum, { uplinks }) => sum + uplinks, 0);
  const shown = entries.slice(0, ENTRIES_A_PAGE);
  const last = shown.at(-1);
  return {
    template: 'engineers/quarantine',
    title: 'Quarantine',
    section: 'engineer',
    content: {
      wanted,
      total,
      manages: manages(visit),
      filters: [
        {
          href: hrefOf({ ...wanted, reason: undefined }),
          count: total,
          word: 'for any reason',
          current: wanted.reason === undefined,
        },
        ...tallies.map(({ reason, uplinks }) => ({
          href: hrefOf({ ...wanted, reason }),
          count: uplinks,
          word: quarantineWords(reason, englishWords),
          current: reason === wanted.reason,
        })),
      ],
      entries: shown.map((entry) => rowOf(entry, registry, now)),
      lot: withQuery(`${HREF}/redrive`, { reason: wanted.reason, device: wanted.device }),
      lotAtMost: LOT_AT_MOST,
      next:
        entries.length > ENTRIES_A_PAGE && last !== undefined ? hrefOf(wanted, { before: String(last.id) }) : undefined,
    },
  };
};

const deviceOf = ({ uplink: { device } }: Quarantined, registry: Registry) => {
  const known = registry.device(device);
  return { id: known?.id ?? device.value, href: known === undefined ? undefined : workHref(known.id) };
};

const rowOf = (entry: Quarantined, registry: Registry, now: Parameters<typeof when>[1]) => ({
  id: entry.id,
  href: `${HREF}/${entry.id}`,
  device: deviceOf(entry, registry),
  words: quarantineWords(entry.reason, englishWords),
  detail: entry.detail,
  when: when(entry.at, now, englishWords),
});

/** @throws NotFound (`quarantine-unknown`). */
const entryIn = async ({ registry }: EngineerParts, visit: Visit): Promise<Quarantined> => {
  const text = visit.param('id');
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  const [entry] = id === 0 ? [] : await registry.quarantined({ limit: 1, before: id + 1 });
  if (entry?.id !== id)
    throw new NotFound(
      'quarantine-unknown',
      `Nothing in the quarantine has the number ${text.slice(0, 20)}: it was driven through, or dropped as one of the oldest`,
    );
  return entry;
};

const onePage = async (parts: EngineerParts, visit: Visit, entry: Quarantined): Promise<Page> => {
  const now = parts.clock.now();
  const [explained] = await parts.explain([entry.uplink]);
  return {
    template: 'engineers/quarantined',
    title: `Message ${entry.id} in the quarantine`,
    section: 'engineer',
    content: {
      ...rowOf(entry, parts.registry, now),
      setAside: when(entry.at, now, englishWords),
      reason: entry.reason,
      manages: manages(visit),
      back: HREF,
      action: `${HREF}/${entry.id}/redrive`,
      register:
        entry.reason === 'device-unknown'
          ? withQuery(
              '/engineer/register/model',
              entry.uplink.device.by === 'devEui'
                ? { eui: entry.uplink.device.value }
                : { id: entry.uplink.device.value },
            )
          : undefined,
      uplink: explained === undefined ? undefined : uplinkView(explained, now),
      understood: explained?.refused === undefined,
    },
  };
};

const outcomes = ['stored', 'duplicate', 'quarantined'] as const satisfies readonly (keyof Redriven)[];
type Outcome = (typeof outcomes)[number];

const drivenPage = (
  counts: Readonly<Record<Outcome, number>>,
  { gone, left, back }: { readonly gone: number; readonly left: boolean; readonly back: string },
): Page => ({
  template: 'engineers/redriven',
  title: 'What became of them',
  section: 'engineer',
  content: { counts, gone, left, back, all: counts.stored + counts.duplicate + counts.quarantined },
});

/** What could not be understood: by reason, one by one, and driven through again once its cause is mended. */
export const quarantinePages = (desk: Desk, parts: EngineerParts): void => {
  const { registry, redrive } = parts;
  desk.get(HREF, 'read', async (visit) => {
    const before = visit.query('before') ?? '';
    try {
      const entries = await entriesOf(wantedIn(visit), registry, {
        limit: ENTRIES_A_PAGE + 1,
        ...(/^\d{1,15}$/.test(before) ? { before: Number(before) } : {}),
      });
      return fresh(await listPage(parts, visit, entries));
    } catch (error) {
      if (!(error instanceof InvalidId)) throw error;
      return again(await listPage(parts, visit, []), [
        { field: 'device', text: 'Enter the id or the DevEUI of one sensor' },
      ]);
    }
  });
  desk.get(`${HREF}/:id`, 'read', async (visit) => fresh(await onePage(parts, visit, await entryIn(parts, visit))));
  desk.post(`${HREF}/:id/redrive`, 'manage', async (visit) => {
    const done = await redrive(await entryIn(parts, visit));
    return fresh(drivenPage(done, { gone: 0, left: false, back: HREF }));
  });
  desk.post(`${HREF}/redrive`, 'manage', async (visit) => {
    const wanted = wantedIn(visit);
    const entries = await entriesOf(wanted, registry, { limit: LOT_AT_MOST + 1 });
    const counts = { stored: 0, duplicate: 0, quarantined: 0 };
    let gone = 0;
    for (const entry of entries.slice(0, LOT_AT_MOST)) {
      try {
        const done = await redrive(entry);
        for (const outcome of outcomes) counts[outcome] += done[outcome];
      } catch (error) {
        // Somebody else drove it through meanwhile.
        if (!(error instanceof KerbsideError) || error.code !== 'quarantine-unknown') throw error;
        gone += 1;
      }
    }
    return fresh(drivenPage(counts, { gone, left: entries.length > LOT_AT_MOST, back: hrefOf(wanted) }));
  });
};
