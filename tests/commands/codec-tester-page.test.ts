import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { WATCHES_AT_MOST } from '../../dashboard/api/watch.ts';
import { STUCK_MS } from '../../dashboard/preview/event-stream.ts';
import { limits } from '../../device-profiles/codec/limits.ts';
import { DIFFERENCES_AT_MOST } from '../../infra/preview/compare.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/codec-tester.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'kerbside-page-'));
afterAll(() => rmSync(folder, { recursive: true }));
vi.setConfig({ testTimeout: 90_000 });

const [, codec = ''] = /^`codec\.js`\n\n```js\n([^]*?)\n```$/m.exec(page) ?? [];
/** Commands of the page that need no server, and what the page says that they print. */
const shown = [...page.matchAll(/^```sh\nnpx kerbside (profiles .*)\n```\n\n```\n([^]*?)\n```$/gm)].map(
  ([, command = '', printed = '']) => ({ command, printed }),
);
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('the page about looking and trying', () => {
  test('shows three commands and what they print', () => {
    expect(shown).toHaveLength(3);
    expect(codec).toContain('decodeUplink');
  });

  test.each(shown)('$command', ({ command, printed }) => {
    writeFileSync(join(folder, 'codec.js'), codec);
    const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'kerbside.ts'), ...wordsOf(command)], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(stderr).toBe('');
    // Versions change with each word of a profile.
    expect(stdout.replaceAll(/\([0-9a-f]{12}\)/g, '(...)').trim()).toBe(printed);
  });

  test('says the limits that hold', () => {
    const text = page.replaceAll('\n', ' ');
    expect(text).toContain(`up to ${DIFFERENCES_AT_MOST} differences`);
    expect(text).toContain(`for ${STUCK_MS / 1000} seconds is dropped. ${WATCHES_AT_MOST} watches`);
    expect(text).toContain(`${limits.cpuMs} ms and ${limits.memoryMb} MB a frame`);
  });
});
