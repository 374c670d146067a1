import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pastedUplink } from '../../dashboard/preview/pasted.ts';
import { buildProfile, CatalogueInvalid } from '../../device-profiles/catalogue.ts';
import type { Sandbox } from '../../device-profiles/codec/sandbox.ts';
import { readProfile, readText } from '../../device-profiles/definition/folder.ts';
import { pastedCodec } from '../../device-profiles/pasted-codec.ts';
import type { Catalogue, Profile } from '../../device-profiles/profile.ts';
import { near } from '../../device-profiles/vocabulary/near.ts';
import { trialSandbox } from '../../device-profiles/trial-sandbox.ts';
import { Invalid, NotFound, profileId, systemClock, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import type { Explain } from '../../infra/preview/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { explainer } from '../../ingest/explain.ts';
import { openInstalledCatalogue } from '../installed-catalogue.ts';

/** Done, but refused, or different: scripts see it without reading the output. */
export const EXIT_OTHERWISE = 5;

/** What profiles are tried on: the installed ones, a sandbox, and the pipeline's own steps. */
export interface Bench {
  readonly catalogue: Catalogue;
  readonly sandbox: Sandbox;
  readonly explain: Explain;
}

/** A registry of nobody, for payloads that are from nobody. */
const NOBODY: Pick<
  Registry,
  'device' | 'devices' | 'deployment' | 'site' | 'quality' | 'calibrations' | 'calibration' | 'onChange'
> = {
  devices: () => [],
  quality: () => [],
  calibrations: () => [],
  calibration: () => undefined,
  onChange: () => () => {},
  device: () => undefined,
  deployment: () => undefined,
  site: () => undefined,
};

/** Opens a bench for the work, and clears it away. */
export const onBench = async <T>(work: (bench: Bench) => Promise<T>, registry: typeof NOBODY = NOBODY): Promise<T> => {
  const { ingest } = readConfig();
  const catalogue = await openInstalledCatalogue();
  const sandbox = trialSandbox();
  try {
    return await work({
      catalogue,
      sandbox,
      explain: explainer({ registry, catalogue, window: { futureMs: ingest.futureMs }, sandbox }),
    });
  } finally {
    await sandbox.close();
    await catalogue.close();
  }
};

/** One way to read: a profile, or the text of a codec that needs somebody's fields. */
export type Side = { readonly profile: Profile } | { readonly codec: string };

/**
 * What was named: an installed profile, a folder `<maker>/<model>` with a profile.yaml, or a codec.
 * @throws NotFound (`profile-unknown`), CatalogueInvalid with what is wrong with the folder.
 */
export const sideOf = async (named: string, { catalogue, sandbox }: Bench): Promise<Side> => {
  const installed = isProfileId(named) ? catalogue.get(profileId(named)) : undefined;
  if (installed !== undefined) return { profile: installed.trial(sandbox) };
  const path = resolve(named);
  if (!existsSync(path)) throw new NotFound('profile-unknown', unknown(named, catalogue));
  if (!(await stat(path)).isDirectory()) return { codec: await readFile(path, 'utf8') };
  const read = await readProfile({ path, id: await idOf(path), template: false });
  if ('faults' in read) throw new CatalogueInvalid(read.faults);
  return { profile: buildProfile(read, sandbox) };
};

const unknown = (named: string, catalogue: Catalogue): string => {
  const meant = near(
    named,
    catalogue.list().map(({ id }) => id),
  );
  const guess = meant.length > 0 ? `did you mean ${meant.join(' or ')}? ` : '';
  return `${JSON.stringify(named)} is no installed profile, no folder of one and no codec; ${guess}"npx kerbside profiles list" lists them`;
};

/** The id that a folder's profile.yaml names, wherever the folder lies: a copy may be called as one likes. */
const idOf = async (folder: string): Promise<string> => {
  const text = (await readText(join(folder, 'profile.yaml'))) ?? '';
  return /^id:\s*(\S+)\s*$/m.exec(text)?.[1] ?? `${basename(dirname(folder))}/${basename(folder)}`;
};

const isProfileId = (text: string): boolean => {
  try {
    return profileId(text) === text;
  } catch {
    return false;
  }
};

/**
 * The profile of a side: a codec alone is given the fields of the other side's, or knows each quantity under its own
 * id.
 */
export const profileOf = (side: Side, other: Side | undefined, sandbox: Sandbox): Profile => {
  if ('profile' in side) return side.profile;
  if (other !== undefined && 'profile' in other) return other.profile.trial(sandbox, side.codec);
  const built = pastedCodec(side.codec, undefined, sandbox);
  if ('faults' in built) throw new CatalogueInvalid(built.faults);
  return built;
};

/** A payload as the options of a command give it. */
export interface PayloadOptions {
  readonly hex?: readonly string[];
  readonly text?: string;
  readonly jsonMessage?: string;
  readonly file?: string;
  readonly port?: number;
  readonly at?: string;
}

/**
 * The payloads that were given, one way or another. @throws Invalid (`payload-invalid`, `time-invalid`), NotFound
 * (`file-unknown`).
 */
export const payloadsOf = async ({
  hex = [],
  text,
  jsonMessage,
  file,
  port,
  at,
}: PayloadOptions): Promise<readonly Uplink[]> => {
  const now = systemClock.now();
  const more = { ...(port === undefined ? {} : { fPort: port }), ...(at === undefined ? {} : { recvTime: at }) };
  return [
    ...hex.map((one) => pastedUplink({ hex: one, ...more }, now, '--')),
    ...(text === undefined ? [] : [pastedUplink({ text, ...more }, now)]),
    ...(jsonMessage === undefined ? [] : [pastedUplink({ text: checkedJson(jsonMessage), ...more }, now)]),
    ...(file === undefined ? [] : [{ ...pastedUplink({ text: '', ...more }, now), payload: await bytesOf(file) }]),
  ];
};

const checkedJson = (text: string): string => {
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new Invalid('payload-invalid', '--json-message is no JSON; --text takes a message to the letter');
  }
};

const bytesOf = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new NotFound('file-unknown', `${file} cannot be read`, { cause });
  }
};
