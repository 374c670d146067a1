import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSandbox } from '../../../device-profiles/codec/sandbox.ts';
import { importProfiles } from '../../../device-profiles/import/import.ts';
import { plant, plantLarge, lorawanDevicesTree, chirpstackTree } from './invented.ts';
const dir = mkdtempSync(join(tmpdir(), 'kb-'));
const sandbox = await openSandbox();
const o = { beside: [], force: false, dryRun: false, sandbox, progress: () => {} };
for (const [name, tree] of Object.entries({ ttn: lorawanDevicesTree, cs: chirpstackTree })) {
  plant(join(dir, name), tree);
  console.log(JSON.stringify(await importProfiles({ ...o, path: join(dir, name), into: join(dir, name+'-out') }), null, 1));
}
const n = plantLarge(join(dir, 'large'), Number(process.argv[2] ?? 100));
const r = await importProfiles({ ...o, path: join(dir, 'large'), into: join(dir, 'out') });
console.log(n, r.examples, r.seconds, Object.entries(Object.groupBy(r.profiles, (p) => p.did)).map(([k, v]) => [k, v?.length]));
console.log(r.troubles[0]);
const r2 = await importProfiles({ ...o, path: join(dir, 'large'), into: join(dir, 'out') });
console.log(n, r2.examples, r2.seconds, Object.entries(Object.groupBy(r2.profiles, (p) => p.did)).map(([k, v]) => [k, v?.length]));
await sandbox.close(); console.log(dir);
