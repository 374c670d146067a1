import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { otherFrames } from '../../gateway/lorawan/phy/frame.ts';
import { networkRefusals, type NetworkRefusal } from '../../gateway/lorawan/message.ts';
import { callRefusals } from '../../gateway/lorawan/webhook.ts';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');

/** The words of a section that are reasons: all in backticks that look like one and are no label of a metric. */
const reasonsIn = (name: string, heading: string): string[] => {
  const section =
    page(name)
      .split(/^## /m)
      .find((one) => one.startsWith(heading)) ?? '';
  const notReasons = new Set([
    'chirpstack-mqtt',
    'chirpstack-http',
    'tts-webhook',
    'tts-mqtt',
    'tts-storage',
    'network-server',
  ]);
  const words = [...section.matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)+|retained|closing|internal|simulated)`/g)].map(
    ([, word]) => word ?? '',
  );
  return [...new Set(words)].filter((word) => !notReasons.has(word)).toSorted();
};
const but = (...others: readonly NetworkRefusal[]): readonly string[] =>
  networkRefusals.filter((word) => !others.includes(word));

describe('each page of a network server lists every reason for which its doors turn something away, and no other', () => {
  it.each<readonly [string, string, readonly string[]]>([
    [
      'chirpstack.md',
      'What is turned away',
      [...but('payload-not-hex', 'payload-encrypted', 'simulated'), ...callRefusals, 'closing'],
    ],
    [
      'the-things-stack.md',
      'Why something was turned away',
      [...but('not-protobuf', 'payload-not-hex', 'topic-unknown'), ...callRefusals, 'closing'],
    ],
    [
      'network-servers.md',
      'Why a message was refused',
      [...but('not-protobuf', 'topic-unknown'), ...callRefusals, 'integration-unknown'],
    ],
  ])('docs/%s, %s', (name, heading, words) => {
    expect(reasonsIn(name, heading)).toEqual([...new Set(words)].toSorted());
  });
});

describe('pages that send a reader to the log', () => {
  it('say that it has the same reason once a minute at most', () => {
    const names = ['chirpstack.md', 'the-things-stack.md', 'network-servers.md', 'gateways-direct.md', 'doors.md'];
    const sending = names.filter((name) => /of the log\b|[Tt]he log (?:says|has|names)|the log line/.test(page(name)));
    expect(sending).toEqual(names);
    expect(sending.filter((name) => !/once a minute/.test(page(name)))).toEqual([]);
  });
});

describe('what gateways-direct.md says of frames that are no uplink of a device whose keys are here', () => {
  it('names each kind that is counted as foreign', () => {
    const [step = ''] = /^2\. [^]*?`foreign`/m.exec(page('gateways-direct.md')) ?? [];
    expect([...step.matchAll(/`([a-z-]+)`/g)].map(([, word]) => word)).toEqual([...otherFrames, 'foreign']);
  });
});

describe('the README', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  it('says where the map of a replay is explained, and what npm warns of', () => {
    const replay = readme.slice(readme.indexOf('npx kerbside replay')).split('\n\n')[0] ?? '';
    for (const path of ['commands/replay/maps/zephyr-sandy-lane.yaml', 'commands/replay/map-schema.ts']) {
      expect(replay).toContain(`\`${path}\``);
      expect(existsSync(join(import.meta.dirname, '../..', path))).toBe(true);
    }
    expect(readme).toContain('packages have install scripts not yet covered by allowScripts');
  });
});
