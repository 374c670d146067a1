import { deviceId, KerbsideError } from '../../../device-profiles/vocabulary/index.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import { deviceStatuses, mayFollow, type DeviceStatus } from '../../../infra/registry/life-cycle.ts';
import { again, changesOf, fresh, sentence } from '../accounts/parts.ts';
import type { Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { englishWords } from '../../words/index.ts';
import { statusWord } from '../words.ts';
import { askedIn, hrefOf, HREF } from './health-asked.ts';
import { isPrintable, withQuery, workHref, type EngineerParts } from './parts.ts';

/** So many sensors at once: their ids fit into an address, and nobody reads a longer list before he agrees to it. */
const MANY_AT_MOST = 200;
/** A form with so many of the longest ids, as a browser writes it. */
export const MANY_FORM_BYTES = 65_536;

/** What can be done with several: retiring and planning are decided one by one. */
const together: readonly DeviceStatus[] = deviceStatuses.filter(
  (status) => status === 'installed' || status === 'commissioned' || status === 'maintenance',
);

/** The form below the list: what to do, and with which. `total` sensors fit the filters. */
export const manyForm = (total: number, action: string, visit: Visit) => ({
  action,
  atMost: MANY_AT_MOST,
  acts: [
    { value: '', text: 'Choose' },
    { value: 'labels', text: 'Print their labels', selected: visit.field('act') === 'labels' },
    ...together.map((status) => ({
      value: status,
      text: `Set their status: ${statusWord(status, englishWords)}`,
      selected: visit.field('act') === status,
    })),
  ],
  which: [
    { value: 'ticked', text: 'Those that are ticked', checked: visit.field('which') !== 'all' },
    ...(total > MANY_AT_MOST
      ? []
      : [
          {
            value: 'all',
            text: total === 1 ? 'The one that fits the filters' : `All ${total} that fit the filters`,
            checked: visit.field('which') === 'all',
          },
        ]),
  ],
});

interface Means {
  readonly parts: EngineerParts;
  /** The list again, as it was asked for. */
  readonly drawn: (visit: Visit) => Promise<Page>;
  /** The ids of all that fit the filters, in their order. */
  readonly fitting: () => Promise<readonly string[]>;
}

/** Does something with several sensors: labels at once, a status after it was looked at once more. */
export const actOnMany = async (visit: Visit, { parts, drawn, fitting }: Means): Promise<Shown> => {
  const wrong = async (field: string, text: string): Promise<Shown> => again(await drawn(visit), [{ field, text }]);
  const [act, isSure] = [visit.field('act'), visit.field('sure') === 'yes'];
  const status = together.find((one) => one === act);
  if (act !== 'labels' && status === undefined) return wrong('act', 'Choose what to do');
  const ids = visit.field('which') === 'all' && !isSure ? await fitting() : visit.fields('pick');
  if (ids.length > MANY_AT_MOST) return wrong('which', `At most ${MANY_AT_MOST} sensors at once: narrow the filters`);
  const devices = devicesNamed(ids, parts);
  if (devices.length === 0) return wrong('which', 'Tick the sensors that are meant');
  if (status !== undefined)
    return isSure ? setStatus(devices, status, { visit, parts }) : fresh(surePage(devices, status, visit));
  const bare = devices.filter((device) => !isPrintable(device, parts));
  if (bare.length > 0)
    return wrong(
      'act',
      `${bare.length} of them, such as ${bare[0]?.id ?? ''}, have no LoRaWAN code for their label, ` +
        'and nobody has set the address of their pages (http.publicUrl)',
    );
  return { to: withQuery('/api/v1/labels', { ids: devices.map(({ id }) => id).join(',') }) };
};

/** The devices of these ids; what is no id, or is registered no more, is passed over. */
const devicesNamed = (ids: readonly string[], { registry }: EngineerParts): readonly Device[] =>
  [...new Set(ids)].flatMap((id) => {
    try {
      return registry.device({ by: 'id', value: deviceId(id) }) ?? [];
    } catch (error) {
      if (error instanceof KerbsideError) return [];
      throw error;
    }
  });

const surePage = (devices: readonly Device[], status: DeviceStatus, visit: Visit): Page => {
  const able = devices.filter((device) => device.status !== status && mayFollow(device.status, status));
  return {
    template: 'engineers/many',
    title: `Set the status of several sensors: ${statusWord(status, englishWords)}`,
    section: 'engineer',
    content: {
      health: hrefOf(HREF, askedIn(visit)),
      act: status,
      word: statusWord(status, englishWords),
      able: able.map(({ id, name, status: now }) => ({
        id,
        name: name === id ? '' : name,
        now: statusWord(now, englishWords),
        href: workHref(id),
      })),
      others: devices
        .filter((device) => !able.includes(device))
        .map(({ id, status: now }) => ({ id, now: statusWord(now, englishWords), href: workHref(id) })),
    },
  };
};

const setStatus = async (
  devices: readonly Device[],
  status: DeviceStatus,
  { visit, parts }: { readonly visit: Visit; readonly parts: EngineerParts },
): Promise<Shown> => {
  const done: Device[] = [];
  const refused: { readonly id: string; readonly href: string; readonly why: string }[] = [];
  for (const { id } of devices)
    try {
      done.push(await changesOf(parts, visit).updateDevice(id, { status }));
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      refused.push({ id, href: workHref(id), why: sentence(error.message) });
    }
  return fresh({
    template: 'engineers/many-done',
    title: `${done.length} ${done.length === 1 ? 'sensor has' : 'sensors have'} the status ${statusWord(status, englishWords)} now`,
    section: 'engineer',
    content: {
      health: hrefOf(HREF, askedIn(visit)),
      done: done.map(({ id }) => ({ id, href: workHref(id) })),
      refused,
    },
  });
};
