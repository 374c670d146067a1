import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
/** A change that is made on the registry itself, and so in the name of nobody who can be asked about it. */
const nameless =
  /\bregistry\.(?:add|update|remove|deploy|withdraw|replace|rotate|revoke|create|put)[A-Z]\w*\(|\bregistry\.(?:deploy|withdraw|revoke)\(/;
/** The demonstration and the replay of files are Kerbside's own doing. */
const ourOwn = /^commands\/(?:demo|senders|replay)\//;

test('whoever changes something over the API or at the command line does it in his own name', () => {
  const files = globSync('{dashboard,commands}/**/*.ts', { cwd: root }).filter((file) => !ourOwn.test(file));
  expect(files.length).toBeGreaterThan(60);
  expect(files.filter((file) => nameless.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  // The check can go red.
  expect(nameless.test('await registry.addDevice(device)')).toBe(true);
  expect(nameless.test('await registry.revoke(id, all)')).toBe(true);
  expect(nameless.test('await changesBy(request).addDevice(device)')).toBe(false);
});
