import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { feedRefusals } from '../../dashboard/feeds/mqtt.ts';
import { networkRefusals } from '../../gateway/lorawan/message.ts';
import { externalRefusals } from '../../gateway/mqtt/external-messages.ts';
import { mqttRefusals } from '../../gateway/mqtt/door.ts';
import { sourceGaps } from '../../gateway/mqtt/source.ts';
import { semtechRefusals } from '../../gateway/lorawan/semtech-udp/refusals.ts';
import { brokerRefusals } from '../../infra/broker/refusals.ts';

it('docs/doors.md explains every reason for which a door turns something away, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/doors.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word ?? '');
  const words = new Set([
    ...brokerRefusals,
    ...mqttRefusals,
    ...externalRefusals,
    ...networkRefusals,
    ...semtechRefusals,
    ...sourceGaps,
    ...feedRefusals,
  ]);
  expect(words.size).toBeGreaterThan(25);
  expect(listed.toSorted()).toEqual([...words].toSorted());
});
