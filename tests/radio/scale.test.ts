import { expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { keptRadio } from '../../infra/radio/reader.ts';
import { took } from '../took.ts';
import { DAY, entry, frame, NOON, onGround } from './ground.ts';

const DEVICES = 10_000;
const GATEWAYS = 40;
const DAYS = 7;

test('ten thousand devices, three gateways each, are noted, kept and taken up again', async () => {
  await onGround(async ({ registry, clock, open }) => {
    await registry.addDevices(Array.from({ length: DEVICES }, (_, n) => ({ id: `d-${n}`, profile: 'known/air' })));
    const book = await open();
    let seq = 0;
    const batch = (devices: number) =>
      Array.from({ length: devices }, (_, n) =>
        entry(
          (seq += 1),
          [0, 1, 2].map((g) => ({ gateway: `gw-${(n + g) % GATEWAYS}`, rssi: -90 - g, snr: 5.25 })),
          {
            device: `d-${n}`,
            at: clock.now(),
          },
        ),
      );
    const before = process.memoryUsage().heapUsed;
    for (let day = 0; day < DAYS; day += 1) {
      clock.set(instant(NOON - (DAYS - 1 - day) * DAY));
      book.note(batch(DEVICES));
    }
    await book.keep();
    process.stdout.write(
      `    held in memory, a week of days: ${((process.memoryUsage().heapUsed - before) / 1e6).toFixed(0)} MB or less\n`,
    );
    const round = batch(DEVICES);
    await took(`${DEVICES} uplinks noted, three receptions each`, () => book.note(round), DEVICES);
    await took(`${DEVICES * 3} links kept, all changed`, () => book.keep());
    book.note(batch(500));
    await took('500 devices kept, what a fleet of 15 minutes says in half a minute', () => book.keep());
    await took('nothing kept', () => book.keep());
    await took(
      '100,000 frames told',
      () => {
        for (let n = 0; n < 100_000; n += 1) book.tell(frame({ gateway: `gw-${n % GATEWAYS}`, at: clock.now() }));
      },
      100_000,
    );
    const alone = await took('who is heard by one gateway only', () => book.reader.alone());
    expect(alone.size).toBe(0);
    await book.keep();
    const kept = await took('all of it taken up at a start', () => keptRadio(registry, clock));
    expect(kept.linksBy('gw-0')).toHaveLength((DEVICES / GATEWAYS) * 3);
    expect(kept.linksBy('gw-0')[0]?.uplinks).toBeGreaterThanOrEqual(DAYS + 1);
    expect(kept.gateways()).toHaveLength(GATEWAYS);
  });
}, 180_000);
