import { KerbsideError } from '../../../device-profiles/vocabulary/index.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import { deviceStatuses, mayFollow, type DeviceStatus } from '../../../infra/registry/life-cycle.ts';
import { namesOf, newestOf } from '../../api/device-uplinks.ts';
import { again, changesOf, fresh, refusedAt } from '../accounts/parts.ts';
import type { Desk, Visit } from '../desk.ts';
import { deviceFacts } from '../facts.ts';
import { deviceHref } from '../models.ts';
import { doubtOf, sensorRow } from '../rows.ts';
import type { Page } from '../page.ts';
import { statusWord } from '../words.ts';
import { deviceIn, isPrintable, manages, withQuery, workHref, type EngineerParts } from './parts.ts';
import { networkPages, networkView } from './network.ts';
import { passwordPages } from './password.ts';
import { replacePages } from './replace.ts';
import { uplinkView } from './uplink-view.ts';
import { englishWords } from '../../words/index.ts';

/** Uplinks that are shown decoded: each is decoded anew for each look at the page. */
const UPLINKS_SHOWN = 5;

const statusHints: Readonly<Record<DeviceStatus, string>> = {
  planned: 'Not in the street yet. It may speak, on a bench',
  installed: 'In the street, and nobody has looked yet whether what it says is right',
  commissioned: 'Looked at: what it says is right, and it counts',
  maintenance: 'Somebody is at it. What it says is kept, and alerts nobody',
  retired: 'Taken out of use. What it sends is refused, and its history stays',
};

const workPage = async (parts: EngineerParts, visit: Visit): Promise<Page> => {
  const device = deviceIn(parts, visit);
  const { id, devEui } = device;
  const isRetired = device.status === 'retired';
  const now = parts.clock.now();
  const sensor = parts.now.sensor(device);
  const entries = await newestOf(parts.journal, namesOf(device), { limit: UPLINKS_SHOWN });
  const explained = await parts.explain(entries.map(({ uplink }) => uplink));
  const understood = explained.some(({ readings }) => readings.length > 0);
  const { condition, cause, heard, status } = sensorRow(sensor, now, englishWords);
  return {
    template: 'engineers/device',
    title: device.name || id,
    section: 'engineer',
    scripts: ['field'],
    content: {
      id,
      watch: `/api/v1/devices/${encodeURIComponent(id)}/watch`,
      manages: manages(visit),
      condition,
      status,
      cause: cause ?? doubtOf(sensor, now, englishWords),
      heard,
      awaited: entries.length === 0 && heard === undefined && !isRetired,
      neverHeard: heard === undefined,
      commission: device.status === 'installed' && understood,
      lorawan: devEui !== undefined,
      network: await networkView(device, parts, visit),
      facts: await deviceFacts(sensor, parts, englishWords),
      uplinks: explained.map((one) => uplinkView(one, now)),
      shown: UPLINKS_SHOWN,
      done: visit.query('done'),
      hrefs: {
        page: deviceHref(id),
        status: `${workHref(id)}/status`,
        replace: isRetired ? undefined : `${workHref(id)}/replace`,
        // A LoRaWAN device proves who it is by its keys, and a retired one may not sign in.
        password: isRetired || devEui !== undefined ? undefined : `${workHref(id)}/password`,
        network: isRetired || devEui === undefined ? undefined : `${workHref(id)}/network`,
        calibrations: `${workHref(id)}/calibrations`,
        label: withQuery('/api/v1/labels', { ids: id }),
        quarantine: withQuery('/engineer/quarantine', { device: id }),
        reprocess: withQuery('/engineer/reprocess', { kind: 'device', id }),
        codecs: withQuery('/engineer/codecs', { profile: device.profile, device: id }),
        audit: withQuery('/manage/audit', { subject: `device:${id}` }),
      },
      printable: isPrintable(device, parts),
    },
  };
};

const statusPage = ({ id, status }: Device, chosen: string): Page => ({
  template: 'engineers/status',
  title: `Status of ${id}`,
  section: 'engineer',
  content: {
    id,
    href: workHref(id),
    action: `${workHref(id)}/status`,
    now: statusWord(status, englishWords),
    items: deviceStatuses
      .filter((next) => next !== status && mayFollow(status, next))
      .map((next) => ({
        value: next,
        text: statusWord(next, englishWords),
        hint: { text: statusHints[next] },
        checked: next === chosen,
      })),
  },
});

/** A device as an engineer works on it: what it sends as it comes, decoded; its status, label, successor. */
export const devicePages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/devices/:id', 'read', async (visit) => fresh(await workPage(parts, visit)));
  desk.get('/engineer/devices/:id/status', 'manage', (visit) =>
    fresh(statusPage(deviceIn(parts, visit), visit.query('to') ?? '')),
  );
  desk.post('/engineer/devices/:id/status', 'manage', async (visit) => {
    const device = deviceIn(parts, visit);
    const status = visit.field('status');
    if (status === '') return again(statusPage(device, ''), [{ field: 'status', text: 'Choose a status' }]);
    try {
      await changesOf(parts, visit).updateDevice(device.id, { status });
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      return again(statusPage(device, status), [refusedAt('status', error)]);
    }
    return { to: `${workHref(device.id)}?done=status` };
  });
  replacePages(desk, parts);
  passwordPages(desk, parts);
  networkPages(desk, parts);
};
