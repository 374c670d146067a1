import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { change, type Change } from '../changed-folder.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** The profiles that come with Kerbside, `<maker>/<model>`, templates too, as their files say and no code of ours. */
export const ownProfiles: readonly string[] = globSync('*/*/profile.yaml', { cwd: ownCatalogue }).map(dirname).sort();
/** Those of them that are models of device. */
export const ownModels = ownProfiles.filter((id) => !id.startsWith('_'));

/** A folder for profiles that is gone after the test. */
export const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-profiles-'));
  made.push(folder);
  return folder;
};

/**
 * One of our templates as the profile `acme/walkby` of a folder of its own, changed. @throws Error when a change
 * changes nothing.
 */
export const changed = (template: 'json-device' | 'lorawan-device', ...changes: readonly Change[]): string => {
  const folder = emptyFolder();
  const place = join(folder, 'acme', 'walkby');
  cpSync(join(ownCatalogue, '_example', template), place, { recursive: true });
  const rename: Change = ['profile.yaml', `id: example/${template}`, 'id: acme/walkby'];
  change(place, [rename, ...changes]);
  return folder;
};
