import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseYaml } from '../../../device-profiles/definition/yaml.ts';
import { ownIntegrations, readIntegrations } from '../../../gateway/lorawan/network-server/catalogue.ts';
import type { Integration } from '../../../gateway/lorawan/network-server/folder.ts';
import { vectorsSchema, type Vector } from '../../../gateway/lorawan/network-server/vectors.ts';
import { change, type Change } from '../../changed-folder.ts';

/** A folder that is gone after the test. */
export const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-integrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

/** Our template as the integration `acme` of a folder of its own, changed. @throws Error when a change changes nothing. */
export const changed = (...changes: readonly Change[]): string => {
  const folder = emptyFolder();
  const place = join(folder, 'acme');
  cpSync(join(ownIntegrations, '_example'), place, { recursive: true });
  const rename: Change = ['integration.yaml', /^id: example.*$/m, 'id: acme'];
  change(place, [rename, ...changes]);
  return folder;
};

/** The integrations that come with Kerbside, each with its vectors. */
export const ownWithVectors = async (): Promise<
  readonly { readonly integration: Integration; readonly vectors: readonly Vector[] }[]
> => {
  const { list } = await readIntegrations([ownIntegrations]);
  return list.map((integration) => {
    const file = join(integration.place.path, 'vectors.yaml');
    const parsed = parseYaml(vectorsSchema, readFileSync(file, 'utf8'), file);
    if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
    return { integration, vectors: parsed.value };
  });
};
