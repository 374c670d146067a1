import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { observationTopic, alertTopic } from '../../dashboard/feeds/topics.ts';
import { AT_ONCE_AT_MOST, STUCK_MS, WAITING_AT_MOST, type Outgoing } from '../../dashboard/live/reader.ts';
import { Watch } from '../../dashboard/live/watch.ts';
import { ObservationOut } from '../../dashboard/wire.ts';
import { borough, deviceId, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import { REMEMBERED_EVENTS } from '../../infra/live/local.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/feeds.md'), 'utf8');
/** The words in the first column of the table that begins with that heading. */
const column = (heading: string): string[] => {
  const table = page.slice(page.indexOf(`| ${heading} |`)).split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word ?? '');
};

test('docs/feeds.md lists each field of a watch, each event and each topic, and no other', () => {
  expect(column('a watch may have').toSorted()).toEqual(Object.keys(Watch.properties).toSorted());
  const events: Record<Outgoing['name'], true> = {
    observation: true,
    alert: true,
    device: true,
    change: true,
    resync: true,
  };
  expect(column('the server sends').toSorted()).toEqual(Object.keys(events).toSorted());
  const [observations = '', alerts = ''] = column('topic');
  const [site, device, rule] = [siteId('s'), deviceId('d'), ruleId('r')];
  const filled = (topic: string): string =>
    topic
      .replace('{borough}', 'b')
      .replace('{siteId}', 's')
      .replace('{quantity}', 'no2')
      .replace('{device}', 'd')
      .replace('{rule}', 'r');
  expect(filled(observations)).toBe(observationTopic({ borough: borough('b'), site, quantity: 'no2' }));
  expect(filled(alerts)).toBe(alertTopic({ site, device, rule }, () => borough('b')));
});

test('docs/feeds.md shows an observation with the keys that it has, and says the limits that hold', () => {
  const shown: unknown = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '');
  expect(Object.keys(Object(shown))).toEqual(Object.keys(ObservationOut.properties).filter((key) => key !== 'reason'));
  expect(page).toContain(`last ${REMEMBERED_EVENTS.toLocaleString('en-GB')} events`);
  expect(page.replaceAll('\n', ' ')).toContain(`to ${AT_ONCE_AT_MOST / 10} are sent again`);
  expect(page).toContain(`leaves ${WAITING_AT_MOST} events`);
  expect(page).toContain(`for ${STUCK_MS / 1000} seconds`);
});
