import type { DeviceRow, RowFault, RowKeys } from '../../../infra/registry/bulk/contract.ts';
import { again, changesOf, fresh, sentence, type FieldError } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { draftIn, fieldOfFault, missingStep, rowOf, stepHref, type Draft } from './draft.ts';
import { modelWords } from './models.ts';
import { keysIn } from './keys-typed.ts';
import { networkItems, networkTyped, networkWords } from './network.ts';
import { workHref, type EngineerParts } from './parts.ts';

const keysPage = (parts: EngineerParts, draft: Draft): Page => ({
  template: 'engineers/keys',
  title: parts.networks.names.length === 0 ? 'Keys of the sensor' : 'Network server and keys of the sensor',
  section: 'engineer',
  content: {
    action: stepHref('check', draft),
    skip: stepHref('check', draft),
    back: stepHref('place', draft),
    items: networkItems(parts, draft.network),
  },
});

/** The last questions: keys, and whether all of it is right. */
export const checkPages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/register/keys', 'manage', (visit) => fresh(keysPage(parts, draftIn(visit))));
  desk.get('/engineer/register/check', 'manage', async (visit) =>
    check(parts, visit, { draft: draftIn(visit), keys: {} }),
  );
  // Keys are secrets: they are in no address, and go from form to form.
  desk.post('/engineer/register/check', 'manage', async (visit) => {
    if (visit.field('sure') === 'yes') return register(parts, visit);
    const keys = keysIn(visit);
    const { network: _, ...before } = draftIn(visit);
    const typed = networkTyped(visit, parts);
    if ('field' in typed) return again(keysPage(parts, before), [typed]);
    const draft = { ...before, ...(typed.network === undefined ? {} : { network: typed.network }) };
    // Without a secret it is a page like the others, to which one can go back.
    return Object.keys(keys).length === 0 ? { to: stepHref('check', draft) } : check(parts, visit, { draft, keys });
  });
};

/** What was said of a new sensor: keys are no part of the draft, which is an address. */
interface Said {
  readonly draft: Draft;
  readonly keys: RowKeys;
}

const check = async (parts: EngineerParts, visit: Visit, { draft, keys }: Said): Promise<Shown> => {
  const missing = missingStep(draft);
  if (missing !== 'check') return { to: stepHref(missing, draft) };
  const faults = await faultsOf(rowOf(draft, keys), parts, visit);
  const ofKeys = faults.filter(({ field }) => fieldOfFault.get(field)?.step === 'keys');
  if (ofKeys.length > 0)
    return again(
      keysPage(parts, draft),
      ofKeys.map((fault) => ({
        field: fieldOfFault.get(fault.field)?.field ?? 'appKey',
        text: sentence(fault.detail),
      })),
    );
  const page = checkPage(parts, draft, keys);
  return faults.length === 0 ? fresh(page) : again(page, faults.map(toError));
};

/** What would be refused of it now, and whether it became known since. */
const faultsOf = async (row: DeviceRow, parts: EngineerParts, visit: Visit): Promise<readonly RowFault[]> => {
  if (takenBy(row, parts) !== undefined)
    return [
      { field: 'id', reason: 'device-exists', detail: `there is a sensor ${row.id ?? ''} already: choose another id` },
    ];
  const { rows } = await changesOf(parts, visit).putDevices([row], { dryRun: true });
  return rows.flatMap(({ faults }) => faults);
};

/** The sensor that somebody else, or an earlier press of the same button, has registered under this id. */
const takenBy = ({ id }: Pick<Draft, 'id'>, { registry }: EngineerParts) =>
  registry.devices().find((one) => one.id === id);

const toError = ({ field, detail }: RowFault): FieldError => ({
  field: fieldOfFault.get(field)?.step ?? 'check',
  text: sentence(detail),
});

const checkPage = (parts: EngineerParts, draft: Draft, keys: RowKeys): Page => {
  const { registry, catalogue } = parts;
  const taken = takenBy(draft, parts);
  const { eui, join, serial, id, name, where, latitude, longitude } = draft;
  const profile = catalogue.list().find((one) => one.id === draft.profile);
  const site = where === 'existing' ? registry.sites().find((one) => one.id === draft.site) : undefined;
  const place =
    where === 'none' ? 'Nowhere yet: it is planned' : (site?.name ?? `${draft.siteName ?? draft.site ?? ''} (new)`);
  const at = latitude === undefined || longitude === undefined ? '' : `${latitude}, ${longitude}`;
  const held = [keys.appKey === undefined ? [] : ['AppKey'], keys.nwkKey === undefined ? [] : ['NwkKey']].flat();
  const lines: readonly (readonly [step: string, key: string, value: string, href: string])[] = [
    ['scan', 'DevEUI', eui ?? '', stepHref('scan', {})],
    ['scan', 'JoinEUI', join ?? '', stepHref('scan', {})],
    ['scan', 'Serial number', serial ?? '', stepHref('scan', {})],
    ['model', 'Model', profile === undefined ? (draft.profile ?? '') : modelWords(profile), stepHref('model', draft)],
    ['name', 'Id', id ?? '', stepHref('name', draft)],
    ['name', 'Name', name ?? '', stepHref('name', draft)],
    ['place', 'Site', place, stepHref('place', draft)],
    ['place', 'Street', draft.street ?? '', stepHref('place', draft)],
    ['place', 'Postcode', draft.postcode ?? '', stepHref('place', draft)],
    ['place', 'Borough', draft.borough ?? '', stepHref('place', draft)],
    ['place', 'Ward', draft.ward ?? '', stepHref('place', draft)],
    ['place', 'Column or asset', draft.asset ?? '', stepHref('place', draft)],
    ['place', 'Position (latitude, longitude)', at, stepHref('place', draft)],
    ['keys', 'Network server', draft.network === undefined ? '' : networkWords(draft.network), stepHref('keys', draft)],
    ['keys', 'Keys', eui === undefined ? '' : held.length === 0 ? 'None' : held.join(' and '), stepHref('keys', draft)],
  ];
  return {
    template: 'engineers/check',
    title: 'Check what is registered',
    section: 'engineer',
    content: {
      action: stepHref('check', draft),
      back:
        eui === undefined
          ? { text: 'Place', href: stepHref('place', draft) }
          : { text: 'Keys', href: stepHref('keys', draft) },
      taken: taken === undefined ? undefined : { id: taken.id, href: workHref(taken.id) },
      keys,
      isDraft: profile?.draft ?? false,
      lines: lines
        .filter(([, , value]) => value !== '')
        .map(([step, key, value, href], index, all) => ({
          step,
          key,
          value,
          href,
          first: all.findIndex(([one]) => one === step) === index,
        })),
    },
  };
};

const register = async (parts: EngineerParts, visit: Visit): Promise<Shown> => {
  const [draft, keys] = [draftIn(visit), keysIn(visit)];
  const row = rowOf(draft, keys);
  // Pressed a second time, or sent again: of a sensor with a DevEUI it is certain that it is this one.
  const taken = takenBy(draft, parts);
  if (taken?.devEui !== undefined && taken.devEui === draft.eui) return { to: workHref(taken.id) };
  const before = await faultsOf(row, parts, visit);
  if (before.length > 0 || missingStep(draft) !== 'check') return check(parts, visit, { draft, keys });
  const { applied, rows, tokens } = await changesOf(parts, visit).putDevices([row]);
  if (!applied)
    return again(
      checkPage(parts, draft, keys),
      rows.flatMap(({ faults }) => faults.map(toError)),
    );
  const [made] = tokens;
  // A LoRaWAN device proves who it is by its keys, and has no use for a token.
  if (made === undefined || draft.eui !== undefined) return { to: workHref(draft.id ?? '') };
  return fresh({
    template: 'engineers/registered',
    title: `${made.id} is registered`,
    section: 'engineer',
    content: { id: made.id, token: made.token, href: workHref(made.id) },
  });
};
