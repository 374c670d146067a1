import { expect, test, vi } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { instant, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics } from '../../infra/metrics/index.ts';
import { openRadioBook } from '../../infra/radio/book.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import { kerbside } from '../registry/command-line.ts';
import { inFolder } from '../registry/ground.ts';
import { entry, stats } from './ground.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 180_000 });

test('the command line says how gateways are and who hangs on them, beside no server', async () => {
  await inFolder(async (dir) => {
    expect((await kerbside(dir, 'gateways', 'list')).out).toBe('No radio gateway was heard of yet\n');
    const { path } = openDataFolder(`${dir}/data`);
    const log = openLog('silent');
    const catalogue = await openCatalogue([ownCatalogue]);
    const registry = await openRegistryIn(path, { clock: systemClock, log, catalogue });
    const now = systemClock.now();
    const at = instant(now - 1_000);
    await registry.keepHeard({
      devices: [],
      days: [],
      complete: { seq: 2, listened: [{ from: instant(now - 86_400_000), to: now }], daysFrom: 0 },
    });
    await registry.addDevices(['d-1', 'd-2'].map((id) => ({ id, profile: 'decentlab/dl-pm' })));
    const journal = { stats: () => ({ entries: 0, last: 9, bytes: 0, backlog: 0, accepting: true }) };
    const book = await openRadioBook({ registry, journal, metrics: openMetrics(), clock: systemClock, log });
    book.tell(stats({ at, gateway: 'gw-2', received: 40, receivedOk: 30 }));
    book.note([entry(1, ['gw-1', 'gw-2'], { at }), entry(2, ['gw-2'], { at, device: 'd-2' })]);
    await book.close();
    await registry.close();
    await catalogue.close();

    const json = async (...args: readonly string[]): Promise<unknown> => {
      const { code, out, err } = await kerbside(dir, 'gateways', ...args, '--json');
      expect([args.join(' '), code, err]).toEqual([args.join(' '), 0, '']);
      return JSON.parse(out);
    };
    expect(await json('list')).toMatchObject({
      gateways: [
        { id: 'gw-1', state: 'ok', devices: 1, onlyHere: 0, today: { received: null, uplinks: 1 } },
        { id: 'gw-2', state: 'ok', devices: 2, onlyHere: 1, today: { received: 40, crcOkShare: 0.75, uplinks: 2 } },
      ],
    });
    const shown = await json('show', 'GW-2');
    expect(shown).toMatchObject({ id: 'gw-2', days: [{ received: 40 }] });
    expect(shown).not.toHaveProperty('channels');
    expect(await json('devices', 'gw-2')).toMatchObject({
      devices: [
        { id: 'd-1', alone: false },
        { id: 'd-2', alone: true },
      ],
    });
    expect(await json('lonely')).toMatchObject({ gateways: [{ id: 'gw-2', devices: [{ id: 'd-2' }] }] });
    const text = async (...args: readonly string[]): Promise<string> => (await kerbside(dir, 'gateways', ...args)).out;
    expect(await text('list')).toMatch(/gw-2 +ok +\S+ +40 +75\.0 % +2 +2 +1\n/);
    expect(await text('lonely')).toMatch(/^If gw-2 fails, this device falls silent:\n/);
    expect(await text('devices', 'gw-2')).toMatch(/d-2 .* 1 +-100 +-100 +5 +5 +yes\n/);
    const { code, err } = await kerbside(dir, 'gateways', 'show', 'nobody', '--json');
    expect([code, JSON.parse(err)]).toMatchObject([3, { code: 'gateway-unknown' }]);
  });
});
