import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { absences, qualityTests, quarantineReasons } from '../../device-profiles/vocabulary/index.ts';
import { settings, variableOf } from '../../infra/config/index.ts';
import { rowReasons } from '../../infra/registry/bulk/contract.ts';
import { networkFaults } from '../../infra/network-server/contract.ts';
import { openMetrics, uplinkOutcomes } from '../../infra/metrics/index.ts';

const root = join(import.meta.dirname, '..', '..');
const page = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');
/** The words in the first column of a page's tables. */
const listed = (text: string): string[] =>
  [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word ?? '').toSorted();

const sources = globSync('{device-profiles,infra,gateway,ingest,dashboard,commands}/**/*.ts', { cwd: root });
/** Every code with which our errors are made: `new Invalid('code'`, `super('code'`, and the table for what Fastify says. */
const codesInSource = (): string[] => {
  const made =
    /(?:new (?:KerbsideError|Invalid|Conflict|NotFound|Unavailable|Unauthorised|Forbidden|[A-Z]\w*Error)|super|problem)\(\s*(?:\d+,\s*)?'([a-z0-9]+(?:-[a-z0-9]+)+|internal)'/g;
  const wire = /code: '([a-z0-9]+(?:-[a-z0-9]+)+)', title:/g;
  // The registry makes the code of a word that is not in its list from the name of the field.
  const ofWords = /checkedWord\('([a-z]+)'/g;
  const found = sources.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const whole = [...text.matchAll(made), ...text.matchAll(wire)].map(([, code]) => code ?? '');
    return [...whole, ...[...text.matchAll(ofWords)].map(([, field]) => `${field ?? ''}-invalid`)];
  });
  return [...new Set(found)].toSorted();
};

describe('the pages say what the code does', () => {
  it('docs/configuration.md lists every setting and no other', () => {
    const names = settings.map((setting) => setting.path.join('.')).toSorted();
    expect(names.length).toBeGreaterThan(25);
    expect(listed(page('configuration.md'))).toEqual(names);
    for (const setting of settings) expect(page('configuration.md')).toContain(`\`${variableOf(setting.path)}\``);
  });

  it('docs/metrics.md lists every metric of ours and no other', async () => {
    const names = (await openMetrics().registry.getMetricsAsJSON())
      .map(({ name }) => name)
      .filter((name) => name.startsWith('kerbside_'));
    expect(names.length).toBeGreaterThan(10);
    expect(listed(page('metrics.md')).filter((word) => word.startsWith('kerbside_') && !word.includes(' '))).toEqual(
      names.toSorted(),
    );
  });

  it('what adds up in docs/metrics.md has every outcome of an uplink, and no other', () => {
    const [sum = ''] = /^`kerbside_uplinks_received_total` = [^.]*\./m.exec(page('metrics.md')) ?? [];
    const named = [...sum.matchAll(/`([^`]+)`/g)]
      .map(([, word]) => word ?? '')
      .filter((word) => !word.startsWith('kerbside_'));
    expect(named.toSorted()).toEqual([...uplinkOutcomes].toSorted());
  });

  it('docs/errors.md lists every error code, every reason for quarantine, every reason why a row is bad and every reason beside a flag, and no other', () => {
    const codes = codesInSource();
    expect(codes.length).toBeGreaterThan(20);
    const words = new Set([
      ...codes,
      ...quarantineReasons,
      ...qualityTests,
      ...absences,
      ...rowReasons,
      ...networkFaults,
    ]);
    expect(listed(page('errors.md'))).toEqual([...words].toSorted());
  });

  it('the rooms that ARCHITECTURE.md names are there, and each file that the pages name', () => {
    const named = ['../ARCHITECTURE.md', 'data-flow.md', '../README.md'].flatMap((name) =>
      [
        ...page(name).matchAll(
          /`((?:device-profiles|infra|gateway|ingest|dashboard|commands|tests)\/[\w./-]+\.(?:ts|yaml|js))`/g,
        ),
      ].map(([, path]) => path ?? ''),
    );
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => globSync(path, { cwd: root }).length === 0)).toEqual([]);
    expect(page('../ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(200);
  });
});
