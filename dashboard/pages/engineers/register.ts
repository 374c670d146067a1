import { matchProfile } from '../../../device-profiles/identity/match.ts';
import { readScan, type Scan } from '../../../device-profiles/identity/scan.ts';
import type { Profile } from '../../../device-profiles/profile.ts';
import { deviceId, KerbsideError, profileId } from '../../../device-profiles/vocabulary/index.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import { devicesMeant } from '../../devices-meant.ts';
import { again, fresh } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import { when } from '../models.ts';
import type { Page } from '../page.ts';
import { statusWord } from '../words.ts';
import { draftIn, stepHref, type Draft } from './draft.ts';
import { modelWords, profileItems } from './models.ts';
import { workHref, type EngineerParts } from './parts.ts';
import { placePages } from './register-place.ts';
import { checkPages } from './register-check.ts';
import { stepFaults } from './step-faults.ts';
import { englishWords } from '../../words/index.ts';

/** A new device, one question a page: what is on its label, which model, what it is called, where it is, its keys. */
export const registerPages = (desk: Desk, parts: EngineerParts): void => {
  scanning(desk, parts);
  modelling(desk, parts);
  naming(desk, parts);
  placePages(desk, parts);
  checkPages(desk, parts);
};

/** Heard and not registered: as many as one looks through at the foot of a column. */
const UNKNOWN_SHOWN = 10;

const scanPage = async ({ registry, clock }: EngineerParts, text: string, known: readonly Device[]): Promise<Page> => {
  const now = clock.now();
  const [heard, claimed] = [await registry.unregistered(), await registry.claims()];
  const unknown = [
    ...heard.map(({ devEui, lastAt, uplinks }) => ({
      id: devEui,
      at: lastAt,
      uplinks,
      by: 'LoRaWAN',
      href: stepHref('model', { eui: devEui }),
    })),
    ...claimed.map(({ device, via, lastAt, uplinks }) => ({
      id: device,
      at: lastAt,
      uplinks,
      by: `gateway ${via}`,
      href: stepHref('model', { id: device }),
    })),
  ].toSorted((a, b) => b.at - a.at);
  return {
    template: 'engineers/scan',
    title: 'Scan the label of the sensor',
    section: 'engineer',
    scripts: ['scan'],
    content: {
      text,
      known: known.map((device) => knownOf(device, registry, now)),
      unknown: unknown.slice(0, UNKNOWN_SHOWN).map(({ at, ...one }) => ({ ...one, when: when(at, now, englishWords) })),
      left: Math.max(0, unknown.length - UNKNOWN_SHOWN),
    },
  };
};

const knownOf = (
  { id, name, status }: Device,
  registry: EngineerParts['registry'],
  now: ReturnType<EngineerParts['clock']['now']>,
) => {
  const deployment = registry.deployment(id, now);
  const site = deployment === undefined ? undefined : registry.site(deployment.site);
  return {
    id,
    name: name === id ? '' : name,
    status: statusWord(status, englishWords),
    site: site?.name ?? site?.id,
    href: workHref(id),
  };
};

const scanning = (desk: Desk, parts: EngineerParts): void => {
  const { registry, catalogue, config } = parts;
  const wrong = async (text: string, words: string, known: readonly Device[] = []): Promise<Shown> =>
    again(await scanPage(parts, text, known), [{ field: 'text', text: words }]);
  desk.get('/engineer/register', 'manage', async () => fresh(await scanPage(parts, '', [])));
  desk.post('/engineer/register', 'manage', async (visit) => {
    const text = visit.field('text').slice(0, TEXT_AT_MOST);
    const scan = readScan(text, config.http.publicUrl);
    // A text that holds a secret is not printed into the page again.
    if (scan.kind === 'refused' && scan.reason === 'holds-a-key') return wrong('', scan.words);
    const length = wrongLength(text);
    if (length !== undefined) return wrong(text, length);
    if (scan.kind === 'refused') return wrong(text, scan.words);
    const known = devicesMeant(scan, registry.devices());
    if (known.length > 0) return wrong('', claimedWords(known, parts), known);
    if (scan.kind === 'short-code' || scan.kind === 'device-page')
      return wrong(
        text,
        'This is a label of ours, of a sensor that is not registered here any more. Scan the code of its maker, or type its DevEUI',
      );
    return { to: stepHref('model', draftOf(scan, catalogue)) };
  });
};

/** The longest text that a QR code of a label has, several times over. */
const TEXT_AT_MOST = 4_000;

/** What is wrong with a text of hexadecimal digits that is no DevEUI for its length alone; undefined for all else. */
const wrongLength = (text: string): string | undefined => {
  const digits = text.replace(/^\s*(?:dev[ _-]?)?eui\s*[:=]?/i, '').replaceAll(/[\s:-]|0x/gi, '');
  if (digits.length === 0) return 'Scan a code, or type it';
  if (!/^[0-9a-f]+$/i.test(digits) || digits.length === 16 || (digits.length === 8 && !/eui/i.test(text)))
    return undefined;
  return `A DevEUI has 16 hexadecimal digits; this has ${digits.length}`;
};

const claimedWords = (known: readonly Device[], { registry, clock }: EngineerParts): string => {
  const [first] = known;
  if (first === undefined || known.length > 1)
    return `${known.length} sensors that are registered already have this short code: choose one below`;
  const site = registry.deployment(first.id, clock.now())?.site;
  const where = site === undefined ? 'stands nowhere' : `stands at ${registry.site(site)?.name ?? site}`;
  return `This sensor is registered already: it is ${first.id}, and ${where}`;
};

const draftOf = (
  scan: Extract<Scan, { readonly kind: 'tr005' | 'dev-eui' }>,
  catalogue: EngineerParts['catalogue'],
): Draft => {
  if (scan.kind === 'dev-eui') return { eui: scan.devEui };
  const { devEui, joinEui, serial, vendorId, vendorProfileId } = scan.identity;
  const match = matchProfile(scan.identity, catalogue);
  const [only, ...others] = match.kind === 'known' ? match.profiles : [];
  return {
    eui: devEui,
    join: joinEui,
    ...(serial === undefined ? {} : { serial }),
    vendor: vendorId + vendorProfileId,
    ...(only === undefined || others.length > 0 ? {} : { profile: only.id }),
  };
};

const modelPage = ({ catalogue }: EngineerParts, draft: Draft): Page => {
  const match =
    draft.vendor === undefined
      ? undefined
      : matchProfile({ vendorId: draft.vendor.slice(0, 4), vendorProfileId: draft.vendor.slice(4) }, catalogue);
  const fitting: readonly Profile[] =
    match?.kind === 'known' ? match.profiles : match?.kind === 'same-vendor' ? match.candidates : [];
  const isFitting = fitting.some(({ id }) => id === draft.profile);
  return {
    template: 'engineers/model',
    title: 'Which model is it?',
    section: 'engineer',
    content: {
      draft,
      action: stepHref('model', draft),
      back: stepHref('scan', {}),
      says: match === undefined ? undefined : match.kind,
      fitting: fitting.map((one) => ({
        value: one.id,
        text: modelWords(one),
        hint: { text: one.id },
        checked: one.id === draft.profile,
      })),
      others: profileItems(
        { catalogue },
        isFitting ? '' : (draft.profile ?? ''),
        ({ sends }) => draft.eui === undefined || sends === 'lorawan',
      ),
    },
  };
};

const modelling = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/register/model', 'manage', (visit) => fresh(modelPage(parts, draftIn(visit))));
  desk.post('/engineer/register/model', 'manage', (visit) => {
    const draft = draftIn(visit);
    const chosen = visit.field('other') || visit.field('profile');
    if (chosen === '') return again(modelPage(parts, draft), [{ field: 'other', text: 'Choose a model' }]);
    if (!isInstalled(chosen, parts))
      return again(modelPage(parts, draft), [
        { field: 'other', text: 'This model is not installed here: choose another one' },
      ]);
    return { to: stepHref('name', { ...draft, profile: chosen }) };
  });
};

const isInstalled = (id: string, { catalogue }: EngineerParts): boolean => {
  try {
    return catalogue.get(profileId(id)) !== undefined;
  } catch (error) {
    if (error instanceof KerbsideError) return false;
    throw error;
  }
};

const namePage = (draft: Draft): Page => ({
  template: 'engineers/name',
  title: 'What is it called?',
  section: 'engineer',
  content: {
    action: stepHref('name', draft),
    back: stepHref('model', draft),
    id: draft.id ?? (draft.eui === undefined ? '' : `eui-${draft.eui}`),
    name: draft.name ?? '',
  },
});

const naming = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/register/name', 'manage', (visit) => fresh(namePage(draftIn(visit))));
  desk.post('/engineer/register/name', 'manage', async (visit: Visit) => {
    const typed: Draft = {
      ...draftIn(visit),
      id: visit.field('id').trim().slice(0, 200),
      name: visit.field('name').trim().slice(0, 200),
    };
    const wrong = idFault(typed.id ?? '', parts.registry);
    const errors =
      wrong === undefined
        ? await stepFaults('name', { ...typed, where: 'none' }, { parts, visit })
        : [{ field: 'id', text: wrong }];
    return errors.length === 0 ? { to: stepHref('place', typed) } : again(namePage(typed), errors);
  });
};

/** What is wrong with the id of a new device. */
const idFault = (text: string, registry: EngineerParts['registry']): string | undefined => {
  if (text === '') return 'Enter an id';
  try {
    const id = deviceId(text);
    return registry.device({ by: 'id', value: id }) === undefined
      ? undefined
      : `There is a sensor ${id} already: choose another id`;
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    return 'An id has 1 to 64 letters, digits, dots, dashes, colons or underscores, and begins with a letter or digit';
  }
};
