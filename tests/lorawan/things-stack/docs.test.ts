import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { networkRefusals } from '../../../gateway/lorawan/message.ts';
import { storageFaults } from '../../../gateway/lorawan/things-stack/storage-page.ts';

/** Of other formats and other networks' topics. */
const notHere = new Set(['not-protobuf', 'payload-not-hex', 'topic-unknown']);

it('docs/the-things-stack.md explains every reason and every fault that there may be, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/the-things-stack.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, word]) => word ?? '');
  const words = [...networkRefusals.filter((word) => !notHere.has(word)), ...storageFaults];
  expect(words.length).toBeGreaterThan(15);
  expect(listed.toSorted()).toEqual(words.toSorted());
});
