import { readScan } from '../../../device-profiles/identity/scan.ts';
import { deviceId, KerbsideError } from '../../../device-profiles/vocabulary/index.ts';
import type { Device, NewDevice, Replaced } from '../../../infra/registry/contract.ts';
import { again, changesOf, fresh, refusedAt, type FieldError } from '../accounts/parts.ts';
import { devicesMeant } from '../../devices-meant.ts';
import type { Desk, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { deviceIn, workHref, type EngineerParts } from './parts.ts';

interface Typed {
  readonly by: string;
  readonly text: string;
  readonly id: string;
}

/** Devices without a place that a browser offers while one types. */
const OFFERED = 200;

const replacePage = ({ registry, clock }: EngineerParts, device: Device, typed: Typed): Page => {
  const now = clock.now();
  const site = registry.deployment(device.id, now)?.site;
  return {
    template: 'engineers/replace',
    title: `Replace ${device.id}`,
    section: 'engineer',
    scripts: ['scan'],
    content: {
      id: device.id,
      href: workHref(device.id),
      action: `${workHref(device.id)}/replace`,
      site: site === undefined ? undefined : (registry.site(site)?.name ?? site),
      profile: device.profile,
      lorawan: device.devEui !== undefined,
      spare: registry
        .devices()
        .filter(
          ({ id, status }) => id !== device.id && status !== 'retired' && registry.deployment(id, now) === undefined,
        )
        .slice(0, OFFERED)
        .map(({ id, name }) => ({ id, name })),
      typed,
    },
  };
};

/** The successor that was typed; or what is wrong with it. */
const successorOf = (
  old: Device,
  typed: Typed,
  { registry, config }: EngineerParts,
): NewDevice | ReturnType<typeof deviceId> | FieldError => {
  if (typed.by !== '') {
    try {
      return deviceId(typed.by);
    } catch (error) {
      return refusedAt('by', error);
    }
  }
  const scan = typed.text === '' ? undefined : readScan(typed.text, config.http.publicUrl);
  if (scan?.kind === 'refused') return { field: 'text', text: scan.words };
  const [meant, ...others] = scan === undefined ? [] : devicesMeant(scan, registry.devices());
  if (others.length > 0)
    return { field: 'text', text: 'Several sensors have this short code: enter the id of one above instead' };
  if (meant !== undefined) return meant.id;
  if (scan?.kind === 'device-page' || scan?.kind === 'short-code')
    return { field: 'text', text: 'This is a label of ours, of a sensor that is not registered here any more' };
  const devEui = scan?.kind === 'tr005' ? scan.identity.devEui : scan?.devEui;
  const id = typed.id === '' && devEui !== undefined ? `eui-${devEui}` : typed.id;
  if (id === '') return { field: 'by', text: 'Say which sensor takes its place: a registered one, or a new one' };
  const { joinEui, serial } = scan?.kind === 'tr005' ? scan.identity : {};
  return {
    id,
    profile: old.profile,
    ...(devEui === undefined ? {} : { devEui }),
    ...(joinEui === undefined ? {} : { joinEui }),
    ...(serial === undefined ? {} : { serial }),
    ...(old.variables === undefined ? {} : { variables: old.variables }),
  };
};

const replacedPage = ({ old, device, site, token }: Replaced, { registry }: EngineerParts): Page => ({
  template: 'engineers/replaced',
  title: `${device.id} stands in for ${old.id}`,
  section: 'engineer',
  content: {
    id: device.id,
    old: old.id,
    site: registry.site(site)?.name ?? site,
    href: workHref(device.id),
    token: device.devEui === undefined ? token : undefined,
  },
});

/** One sensor in the place of another: the site's history goes on. */
export const replacePages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/devices/:id/replace', 'manage', (visit) =>
    fresh(replacePage(parts, deviceIn(parts, visit), { by: '', text: '', id: '' })),
  );
  desk.post('/engineer/devices/:id/replace', 'manage', async (visit: Visit) => {
    const old = deviceIn(parts, visit);
    const typed: Typed = {
      by: visit.field('by').trim().slice(0, 80),
      text: visit.field('text').trim().slice(0, 4_000),
      id: visit.field('newId').trim().slice(0, 80),
    };
    const successor = successorOf(old, typed, parts);
    // A text that holds a secret is not printed into the page again.
    const scan = readScan(typed.text);
    const shown = scan.kind === 'refused' && scan.reason === 'holds-a-key' ? { ...typed, text: '' } : typed;
    if (typeof successor === 'object' && 'field' in successor)
      return again(replacePage(parts, old, shown), [successor]);
    try {
      return fresh(replacedPage(await changesOf(parts, visit).replaceDevice(old.id, successor), parts));
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      return again(replacePage(parts, old, shown), [
        refusedAt(typed.by !== '' ? 'by' : typeof successor === 'string' ? 'text' : 'newId', error),
      ]);
    }
  });
};
