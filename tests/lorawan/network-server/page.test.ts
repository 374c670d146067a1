import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultLine } from '../../../device-profiles/check.ts';
import { networkRefusals } from '../../../gateway/lorawan/message.ts';
import { ownIntegrations } from '../../../gateway/lorawan/network-server/catalogue.ts';
import { checkIntegrations, type Report } from '../../../gateway/lorawan/network-server/check.ts';
import { emptyFolder } from './folders.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/network-servers.md'), 'utf8');

/** The page's blocks of code: what stands alone on the line above, the language, the text. */
const blocks = [...page.matchAll(/(?:^`([^`\n]+)`\n\n)?^```(\w*)\n([^]*?)\n```$/gm)].map(
  ([, path, language, text = '']) => ({
    path,
    language,
    text,
  }),
);
const files = new Map(blocks.flatMap(({ path, text }) => (path === undefined ? [] : [[path, `${text}\n`] as const])));
const printed = blocks.flatMap(({ language, text }) => (language === '' ? text.split('\n') : []));

const check = async (
  given: ReadonlyMap<string, string>,
): Promise<{ readonly report: Report; readonly faults: readonly string[] }> => {
  const folder = emptyFolder();
  for (const [path, text] of given) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const report = await checkIntegrations([folder]);
  return { report, faults: report.faults.map((fault) => faultLine(fault).replace(folder, 'data/integrations')) };
};

describe("the page that takes a newcomer through adding an operator's format", () => {
  it('needs fewer than 40 lines of data, of which the integration has fewer than 20', () => {
    expect([...files.keys()]).toEqual(['acme/integration.yaml', 'acme/vectors.yaml', 'acme/SOURCE.md']);
    const lines = (path: string): number => (files.get(path) ?? '').trimEnd().split('\n').length;
    expect(lines('acme/integration.yaml')).toBeGreaterThan(10);
    expect(lines('acme/integration.yaml')).toBeLessThan(20);
    expect([...files.keys()].reduce((sum, path) => sum + lines(path), 0)).toBeLessThan(40);
  });

  it('shows an integration that the linter is content with, and says what it prints then', async () => {
    const { report, faults } = await check(files);
    expect(faults).toEqual([]);
    expect(printed).toContain(
      `checked ${report.checked} of ${report.found} integrations, ${report.vectors} vectors: all good`,
    );
  });

  it('says what the linter prints for the template under another name', async () => {
    const template = ['integration.yaml', 'vectors.yaml', 'SOURCE.md'].map(
      (name) => [`acme/${name}`, readFileSync(join(ownIntegrations, '_example', name), 'utf8')] as const,
    );
    const { report, faults } = await check(new Map(template));
    expect(faults).toHaveLength(1);
    expect(printed).toContain(faults[0]);
    expect(printed).toContain(`checked 1 of 1 integrations, ${report.vectors} vectors: 1 fault`);
  });

  it('explains each reason for which this door turns a message away, and no other', () => {
    // Those of other doors: protobuf, and topics of MQTT.
    const others: ReadonlySet<string> = new Set(['not-protobuf', 'topic-unknown']);
    const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \| [24]\d\d \|/gm)].map(([, word]) => word ?? '');
    expect(listed.toSorted()).toEqual(networkRefusals.filter((word) => !others.has(word)).toSorted());
  });
});
