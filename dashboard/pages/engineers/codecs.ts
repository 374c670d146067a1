import { inputOf, runVector } from '../../../device-profiles/check-vectors.ts';
import type { Profile } from '../../../device-profiles/profile.ts';
import { deviceId, profileId, type Uplink } from '../../../device-profiles/vocabulary/index.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import { actorOf } from '../../../infra/http/auth.ts';
import { trying } from '../../limits.ts';
import { faultsOfCases, keepCase } from '../../preview/cases.ts';
import { pastedUplink } from '../../preview/pasted.ts';
import { londonWords } from '../../uk-time.ts';
import { again, changesOf, fresh, refusedAt, type FieldError } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { quarantineWords } from '../words.ts';
import { comparePages } from './compare.ts';
import { modelWords, profileItems, triedProfile } from './models.ts';
import { manages, withQuery, type EngineerParts } from './parts.ts';
import { uplinkView, type UplinkView } from './uplink-view.ts';
import { englishWords } from '../../words/index.ts';

const HREF = '/engineer/codecs';
/** The largest payload of a door as hex, as a form writes it. */
const CODEC_FORM_BYTES = 600_000;
/** What is printed into the field again. */
const PAYLOAD_SHOWN = 262_144;
/** Letters of a payload that can be kept as a case: of the largest LoRaWAN frame many times over. */
const KEPT_AT_MOST = 20_000;

interface Typed {
  readonly profile: string;
  readonly device: string;
  readonly payload: string;
  readonly port: string;
}

const page = async (parts: EngineerParts, visit: Visit, typed: Typed, found?: UplinkView): Promise<Page> => {
  const profile = triedProfile(typed.profile, parts);
  return {
    template: 'engineers/codecs',
    title: 'Codec tester',
    section: 'engineer',
    content: {
      typed: { ...typed, payload: typed.payload.slice(0, PAYLOAD_SHOWN) },
      profiles: profileItems(parts, typed.profile),
      found,
      compare: manages(visit) ? withQuery(`${HREF}/compare`, { a: typed.profile, device: typed.device }) : undefined,
      model: profile === undefined ? undefined : modelWords(profile),
      version: profile?.version,
      cases: profile === undefined ? [] : await casesOf(profile, parts.registry),
      manages: manages(visit),
      caseName: visit.field('caseName'),
      // What is kept is sent along once more.
      keeps:
        found !== undefined && manages(visit) && typed.payload.length <= KEPT_AT_MOST ? `${HREF}/cases` : undefined,
    },
  };
};

/** The saved cases of a profile, those that came with it and those that people keep, and whether each still holds. */
const casesOf = async (profile: Profile, registry: EngineerParts['registry']) => {
  const own = await registry.codecCases(profile.id);
  const vectors = await profile.vectors();
  const results = [
    await Promise.all(vectors.map((vector) => runVector(profile, vector))),
    await faultsOfCases(profile, own),
  ].flat();
  return [
    ...vectors.map((vector, index) => ({
      vector,
      which: { case: String(index + 1) },
      from: vector.from,
      remove: undefined,
    })),
    ...own.map(({ id, vector, at }) => ({
      vector,
      which: { own: id },
      from: `${vector.from}, ${londonWords(at)}`,
      remove: `${HREF}/cases/${id}/remove`,
    })),
  ].map(({ vector: { name, refused }, which, ...one }, index) => {
    const faults = results[index] ?? [];
    return {
      ...one,
      name,
      expects: refused === undefined ? 'values' : `refused: ${quarantineWords(refused, englishWords)}`,
      holds: faults.length === 0,
      faults,
      href: `${withQuery(HREF, { profile: profile.id, ...which })}#found`,
    };
  });
};

/** The saved case that the address names, as if somebody had typed it; undefined where it names none. */
const caseIn = async (
  visit: Visit,
  profile: Profile | undefined,
  { registry }: EngineerParts,
): Promise<Pick<Typed, 'payload' | 'port'> | undefined> => {
  const [asked, own] = [visit.query('case') ?? '', visit.query('own')];
  const kept =
    profile === undefined || own === undefined
      ? undefined
      : (await registry.codecCases(profile.id)).find(({ id }) => id === own)?.vector;
  const vector =
    kept ??
    (profile === undefined || !/^\d{1,4}$/.test(asked) ? undefined : (await profile.vectors())[Number(asked) - 1]);
  const input = vector === undefined ? undefined : inputOf(vector);
  if (input === undefined || typeof input === 'string') return undefined;
  const payload = Buffer.from(input.payload);
  return {
    payload: profile?.sends === 'json' ? payload.toString('utf8') : payload.toString('hex'),
    port: input.fPort === undefined ? '' : String(input.fPort),
  };
};

/** What was pasted as an uplink; or what is wrong with it. */
const uplinkOf = ({ payload, port }: Typed, profile: Profile, parts: EngineerParts): Uplink | FieldError => {
  if (payload === '') return { field: 'payload', text: 'Paste a payload' };
  if (port !== '' && !(/^\d{1,3}$/.test(port) && Number(port) <= 255))
    return { field: 'port', text: 'A port is a number from 0 to 255' };
  try {
    const form = profile.sends === 'json' ? { text: payload } : { hex: payload };
    return pastedUplink({ ...form, ...(port === '' ? {} : { fPort: Number(port) }) }, parts.clock.now());
  } catch (error) {
    return refusedAt('payload', error);
  }
};

const deviceNamed = (text: string, { registry }: EngineerParts): Device | FieldError | undefined => {
  if (text === '') return undefined;
  try {
    return (
      registry.device({ by: 'id', value: deviceId(text) }) ?? {
        field: 'device',
        text: `There is no sensor ${JSON.stringify(text)}`,
      }
    );
  } catch (error) {
    return refusedAt('device', error);
  }
};

const decode = async (parts: EngineerParts, visit: Visit, typed: Typed): Promise<Shown> => {
  const wrong = async (error: FieldError): Promise<Shown> => again(await page(parts, visit, typed), [error]);
  const profile = triedProfile(typed.profile, parts);
  if (profile === undefined) return wrong({ field: 'profile', text: 'Choose a model' });
  const device = deviceNamed(typed.device, parts);
  if (device !== undefined && 'field' in device) return wrong(device);
  const uplink = uplinkOf(typed, profile, parts);
  if ('field' in uplink) return wrong(uplink);
  const [explained] = await parts.explain([uplink], { profile, device: device ?? null });
  if (explained === undefined) throw new TypeError('one uplink has one explanation');
  return fresh(await page(parts, visit, typed, uplinkView(explained, parts.clock.now(), 'found-uplink')));
};

/** Keeps what was decoded as a case of the model. */
const keep = async (parts: EngineerParts, visit: Visit): Promise<Shown> => {
  const typed = typedIn(visit);
  const profile = triedProfile(typed.profile, parts);
  if (profile === undefined) return decode(parts, visit, typed);
  const uplink = uplinkOf(typed, profile, parts);
  if ('field' in uplink) return decode(parts, visit, typed);
  try {
    await keepCase(changesOf(parts, visit), profile, {
      uplink,
      name: visit.field('caseName'),
      by: actorOf(parts.registry, visit.request),
    });
  } catch (error) {
    const shown = await decode(parts, visit, typed);
    return 'page' in shown ? again(shown.page, [refusedAt('caseName', error)]) : shown;
  }
  return { to: `${withQuery(HREF, { profile: profile.id })}#cases-heading` };
};

const typedIn = (visit: Visit): Typed => ({
  profile: visit.field('profile'),
  device: visit.field('device').trim().slice(0, 80),
  payload: visit.field('payload').trim(),
  port: visit.field('port').trim().slice(0, 10),
});

/** What a model makes of a payload, its saved cases, and how two ways to read differ. Of what is decoded nothing is stored; a case is, by whoever manages. */
export const codecPages = (desk: Desk, parts: EngineerParts): void => {
  const asked = async (visit: Visit): Promise<Shown> => {
    const profile = visit.query('profile')?.slice(0, 200) ?? '';
    const device = visit.query('device')?.slice(0, 80) ?? '';
    const saved = await caseIn(visit, triedProfile(profile, parts), parts);
    const typed = { profile, device, payload: '', port: '' };
    return saved === undefined ? fresh(await page(parts, visit, typed)) : decode(parts, visit, { ...typed, ...saved });
  };
  const sent = { bodyBytes: CODEC_FORM_BYTES, limit: trying };
  desk.get(HREF, 'read', asked, { limit: trying });
  desk.post(HREF, 'read', (visit) => decode(parts, visit, typedIn(visit)), sent);
  desk.post(`${HREF}/cases`, 'manage', (visit) => keep(parts, visit), sent);
  desk.post(`${HREF}/cases/:id/remove`, 'manage', async (visit) => {
    const profile = profileId(visit.field('profile'));
    await changesOf(parts, visit).removeCodecCase(profile, visit.param('id'));
    return { to: `${withQuery(HREF, { profile })}#cases-heading` };
  });
  comparePages(desk, parts);
};
