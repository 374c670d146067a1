import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
/** The lint rules, and nothing else of the house, in a folder where faults may be seeded. */
const seeded = mkdtempSync(join(tmpdir(), 'kerbside-layers-'));
copyFileSync(join(root, '.oxlintrc.json'), join(seeded, '.oxlintrc.json'));
afterAll(() => rmSync(seeded, { recursive: true }));

const lint = (path: string, text: string): { readonly clean: boolean; readonly printed: string } => {
  const file = join(seeded, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), [path], {
    cwd: seeded,
    encoding: 'utf8',
  });
  return { clean: status === 0, printed: stdout };
};

describe('the rooms of the house', () => {
  it.each([
    ['device-profiles/fault.ts', '../infra/metrics/index.ts', 'ground floor'],
    ['infra/fault.ts', '../ingest/pipeline.ts', 'device-profiles only'],
    ['gateway/fault.ts', '../ingest/pipeline.ts', 'never import each other'],
    ['ingest/fault.ts', '../dashboard/index.ts', 'never import each other'],
    ['dashboard/fault.ts', '../gateway/receipt.ts', 'never import each other'],
  ])('%s may not reach for %s', (path, target, reason) => {
    const { clean, printed } = lint(path, `export * from '${target}';\n`);
    expect(clean).toBe(false);
    expect(printed).toContain(reason);
  });

  it('lets a room stand on the floors below it', () => {
    expect(lint('ingest/sound.ts', `export { Flag } from '../device-profiles/vocabulary/index.ts';\n`).clean).toBe(
      true,
    );
  });
});
