import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const commands = [
  'start',
  'demo',
  'replay',
  'devices',
  'gateways',
  'audit',
  'keys',
  'users',
  'sites',
  'networks',
  'profiles',
  'integrations',
  'config',
];
/** The program with one of its commands, and the word before it, if any. What it says of its own progress has a colon. */
const typed = new RegExp(`([\\w-]+ )?\\bkerbside (?:${commands.join('|')})\\b(?! import:|:)`, 'g');

/** Where a person is told to type a command that `npm ci` has not put on his path. */
const bare = (text: string): { readonly named: number; readonly faults: readonly string[] } => {
  const all = [...text.matchAll(typed)];
  return { named: all.length, faults: all.filter(([, before]) => before !== 'npx ').map(([words]) => words) };
};

/** Comments are for those who read the program. */
const withoutComments = (source: string): string => source.replaceAll(/\/\*\*?[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

const told = (pattern: string, read: (text: string) => string = (text) => text) =>
  globSync(pattern, { cwd: root })
    .toSorted()
    .map((path) => ({ path, ...bare(read(readFileSync(join(root, path), 'utf8'))) }));

it.each([
  ['the pages of docs', '{README.md,ARCHITECTURE.md,docs/**/*.md}', 60],
  ['the web pages', 'dashboard/pages/views/*.njk', 1],
])('in %s every command of ours begins with npx, as it works after npm ci', (_what, pattern, atLeast) => {
  const files = told(pattern);
  expect(files.filter(({ faults }) => faults.length > 0).map(({ path, faults }) => ({ path, faults }))).toEqual([]);
  expect(files.reduce((sum, { named }) => sum + named, 0)).toBeGreaterThanOrEqual(atLeast);
});

it('so do the commands that the program itself tells people to type', () => {
  const files = told('{device-profiles,infra,gateway,ingest,dashboard,commands}/**/*.ts', withoutComments);
  expect(files.filter(({ faults }) => faults.length > 0).map(({ path, faults }) => ({ path, faults }))).toEqual([]);
  expect(files.reduce((sum, { named }) => sum + named, 0)).toBeGreaterThan(30);
});

it('every line of a block of commands begins with a program that is there', () => {
  const programs = /^(?:npx|npm|curl|mosquitto_pub|mkdir|cp|printf|git|KERBSIDE_\w+=\S+)\b/;
  const lines = globSync('{README.md,docs/**/*.md}', { cwd: root }).flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
      block
        .replaceAll('\\\n', ' ')
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith('#'))
        .map((line) => `${path}: ${line}`),
    ),
  );
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.filter((line) => !programs.test(line.slice(line.indexOf(': ') + 2).trim()))).toEqual([]);
});
