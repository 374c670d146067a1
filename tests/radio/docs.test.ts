import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayStates, gatewayWindow } from '../../dashboard/now/gateways.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { DAYS_KEPT } from '../../infra/heard/contract.ts';
import { FRAME_EXTRA_BYTES } from '../../infra/radio/airtime.ts';
import { radioDrops } from '../../infra/radio/book.ts';
import { CHANNELS_AT_MOST, openChannelRoom, openStrangersRoom } from '../../infra/radio/channels.ts';
import { EVENTS_A_DEVICE, LINK_DAYS } from '../../infra/radio/contract.ts';
import { EVENTS_WAITING_AT_MOST, STRANGERS_AT_MOST } from '../../infra/radio/events.ts';
import { FIRST_STATS_EVERY_MS } from '../../infra/radio/gateway-page.ts';
import { GATEWAYS_AT_MOST, STRANGE_GATEWAYS_AT_MOST } from '../../infra/radio/gateways.ts';
import { LINKS_A_DEVICE, LINKS_AT_MOST } from '../../infra/radio/links.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/gateways.md'), 'utf8');
const text = page.replaceAll(/\s+/g, ' ');
const column = (heading: string): string[] => {
  const table = page.slice(page.indexOf(`| ${heading} |`)).split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word ?? '');
};
const many = (n: number): string => n.toLocaleString('en-GB');

test('docs/gateways.md explains each state and each reason, and no other', () => {
  expect(column('state').toSorted()).toEqual([...gatewayStates].toSorted());
  expect(column('reason').toSorted()).toEqual([...radioDrops].toSorted());
});

test('docs/gateways.md says the numbers that hold', () => {
  const minute = 60_000;
  const known = { gateway: 'g', connector: 'semtech-udp', firstAt: instant(0) } as const;
  const stats = gatewayWindow({ ...known, statsEveryMs: 1 });
  const traffic = gatewayWindow({ ...known, trafficEveryMs: 1 });
  const hourly = gatewayWindow({ ...known, statsEveryMs: 60 * minute });
  const sparse = gatewayWindow({ ...known, trafficEveryMs: 60 * minute });
  const sentences = [
    `within ${hourly.lateAfterMs / (60 * minute)} intervals of its statistics and at least ${stats.lateAfterMs / minute} minutes`,
    `${sparse.lateAfterMs / (60 * minute)} mean gaps and at least ${traffic.lateAfterMs / minute} minutes`,
    `longer than ${hourly.silentAfterMs / (60 * minute)} intervals and at least ${stats.silentAfterMs / minute} minutes`,
    `(${sparse.silentAfterMs / (60 * minute)} mean gaps and at least an hour)`,
    `(learned; ${FIRST_STATS_EVERY_MS / 1_000} s until then)`,
    `(learned; ${gatewayWindow(known).everyMs / minute} minutes until then)`,
    `the newest ${EVENTS_A_DEVICE} of each DevEUI`,
    `mean and best of the ${LINK_DAYS} UTC days`,
    `with ${FRAME_EXTRA_BYTES} bytes around each payload`,
    `${many(GATEWAYS_AT_MOST)} gateways, ${STRANGE_GATEWAYS_AT_MOST} of them strange`,
    `${CHANNELS_AT_MOST} frequencies of a gateway and ${many(openChannelRoom().left)} of all, ${many(openStrangersRoom().left)} of strange ones`,
    `${many(LINKS_AT_MOST)} pairs of device and gateway. Of one device ${LINKS_A_DEVICE}`,
    `${many(EVENTS_WAITING_AT_MOST)} events of registered devices that wait to be kept, ${many(STRANGERS_AT_MOST)} DevEUIs that nobody registered`,
    `kept for ${DAYS_KEPT} days`,
  ];
  expect(traffic.silentAfterMs).toBe(60 * minute);
  expect(sentences.filter((sentence) => !text.includes(sentence))).toEqual([]);
});
