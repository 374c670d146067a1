import { join } from 'node:path';
import { buildProfile } from '../catalogue.ts';
import { limits } from '../codec/limits.ts';
import type { Sandbox } from '../codec/sandbox.ts';
import { faultLine } from '../definition/faults.ts';
import { profileFrom } from '../definition/folder.ts';
import { draftProfile, sourceText, type Files } from './draft.ts';
import type { Trouble } from './files.ts';
import type { DeviceRepository, FoundCodec, FoundDevice } from './found.ts';
import { idRule, importedId } from './identity.ts';
import { keep, standing, type Whole } from './keep.ts';
import type { ImportedProfile } from './report.ts';
import { runExamples, type RanAll } from './run-examples.ts';
import { seenIn } from '../decode/seen.ts';
import { suggest, type Suggestion } from './suggest.ts';
import { vectorsText } from './vectors.ts';

/** A codec whose examples were run, kept for the other devices that share it. */
interface Tried extends RanAll {
  readonly suggestions: readonly Suggestion[];
}

/** What an import knows while it works. */
export interface Work {
  readonly layout: DeviceRepository['layout'];
  /** The folder into which profiles are written. */
  readonly into: string;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly sandbox: Sandbox;
  /** Ids that are taken, and by what: our own catalogue's, and those imported so far. */
  readonly taken: Map<string, string>;
  /** What other catalogues call the devices of our own, and their ids. */
  readonly aliases: ReadonlyMap<string, string>;
  /** By the codec's id. */
  readonly tried: Map<string, Tried>;
  readonly troubles: Trouble[];
}

/** Imports one device: as one profile, or as several where its older firmware has a codec of its own. */
export const importDevice = async (work: Work, device: FoundDevice): Promise<readonly ImportedProfile[]> => {
  const from = `${device.vendor}/${device.model}`;
  if (device.variants.length === 0) {
    const id = importedId(device.vendor, device.model);
    return [
      {
        id: id?.id,
        from,
        renamed: id?.renamed ?? false,
        did: 'without-codec',
        why: 'the repository has no codec for it',
      },
    ];
  }
  const profiles: ImportedProfile[] = [];
  for (const [index, { codec, firmware }] of device.variants.entries())
    profiles.push(
      await importVariant(work, device, { codec, ...(index === 0 || firmware === undefined ? {} : { firmware }) }),
    );
  return profiles;
};

/** Runs a codec's examples, the first time that a device needs it. */
const tryCodec = async ({ tried, troubles, sandbox }: Work, codec: FoundCodec): Promise<Tried> => {
  const known = tried.get(codec.id);
  if (known !== undefined) return known;
  const ran = await runExamples(codec, (source) => sandbox.codec(source));
  const now = { ...ran, suggestions: suggest(seenIn(ran.messages)) };
  tried.set(codec.id, now);
  troubles.push(...codec.troubles);
  return now;
};

interface Variant {
  readonly codec: FoundCodec;
  /** The newest firmware that needs this codec, where a newer one needs another. */
  readonly firmware?: string;
}

const importVariant = async (
  work: Work,
  device: FoundDevice,
  { codec, firmware }: Variant,
): Promise<ImportedProfile> => {
  const named = importedId(device.vendor, device.model, firmware);
  const about = {
    id: named?.id,
    from: `${device.vendor}/${device.model}`,
    renamed: named?.renamed ?? false,
    codec: codec.id,
  };
  const { suggestions } = await tryCodec(work, codec);
  const keys = { sure: 0, likely: 0, guess: 0, unmapped: 0, ignored: 0 };
  for (const one of suggestions)
    keys[one.kind === 'measures' ? one.confidence : one.kind === 'ignores' ? 'ignored' : 'unmapped'] += 1;
  if (named === undefined) return { ...about, did: 'broken', why: `no profile id can be made of its name: ${idRule}` };
  if (codec.uplink === undefined)
    return {
      ...about,
      did: codec.troubles.length > 0 ? 'broken' : 'without-codec',
      why: codec.troubles[0]?.problem ?? 'its codec decodes no uplinks',
    };
  if (codec.uplink.source.length > limits.sourceCharacters)
    return {
      ...about,
      did: 'broken',
      why: `its codec has ${codec.uplink.source.length} characters; the sandbox takes ${limits.sourceCharacters}`,
    };
  const taker = work.taken.get(named.id);
  if (taker !== undefined) return { ...about, keys, did: 'twin', why: `${taker} has the id already` };
  const same = work.aliases.get(about.from);
  if (same !== undefined && !work.force)
    return {
      ...about,
      keys,
      did: 'twin',
      why: `${same}, which comes with Kerbside, is this device: --force imports it beside`,
    };
  work.taken.set(named.id, `${about.from} of this repository`);

  const whole = await wholeOf(work, {
    id: named.id,
    device: firmware === undefined ? device : { ...device, name: `${device.name} (firmware ${firmware})` },
    codec,
    suggestions,
  });
  if (typeof whole === 'string') return { ...about, keys, did: 'broken', why: whole };
  return { ...about, keys, ...(await put(work, join(work.into, named.id), whole)) };
};

interface Draft {
  readonly id: string;
  readonly device: FoundDevice;
  readonly codec: FoundCodec;
  readonly suggestions: readonly Suggestion[];
}

/** The files of the profile, with what its examples become in it; a text says why there are none. */
const wholeOf = async (
  { layout, into, sandbox }: Work,
  { id, device, codec, suggestions }: Draft,
): Promise<Whole | string> => {
  const script = codec.uplink?.source ?? '';
  const profileText = draftProfile(id, device, suggestions);
  const folder = profileFrom({ path: join(into, id), id, template: false }, profileText, script);
  // What was written by us and is not taken by us is our fault; it must not stop the others.
  if ('faults' in folder) return `its draft has faults: ${folder.faults.map(faultLine).join('; ')}`;
  const files: Files = {
    'profile.yaml': profileText,
    'codec.js': script,
    'vectors.yaml': await vectorsText(buildProfile(folder, sandbox), codec.examples),
  };
  return { ...files, 'SOURCE.md': sourceText(device, codec, { layout, files }) };
};

const put = async (
  { force, dryRun }: Work,
  folder: string,
  whole: Whole,
): Promise<Pick<ImportedProfile, 'did' | 'why'>> => {
  const found = await standing(folder, whole);
  const write = async (): Promise<void> => {
    if (!dryRun) await keep(folder, whole);
  };
  switch (found.did) {
    case 'unchanged':
      return { did: 'unchanged' };
    case 'new':
      await write();
      return { did: 'new' };
    case 'updated':
      await write();
      return { did: 'updated', why: `changed in the repository: ${found.differ.join(', ')}` };
    case 'kept':
      if (!force)
        return {
          did: 'kept',
          why: `edited or confirmed here since; differs in ${found.differ.join(', ')}: --force writes over it`,
        };
      break;
    case 'twin':
      if (!force) return { did: 'twin', why: `${found.of} has the id already: --force writes over it` };
      break;
  }
  await write();
  return { did: 'replaced', why: 'written over, as --force says; what was there is gone' };
};
