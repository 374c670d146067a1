import { describe, expect, test } from 'vitest';
import { DAYS_KEPT } from '../../infra/heard/contract.ts';
import { at, d1, DAY, entry, eui, happened, MINUTE, NOON, onGround, stats } from './ground.ts';

describe('what is kept', () => {
  test('a crash loses what came since it was last kept, and nothing else', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      book.tell(stats());
      book.note([entry(1, ['gw-1'])]);
      await book.keep();
      book.tell(stats({ at: at(1_000) }));
      book.note([entry(2, ['gw-1'], { at: at(1_000) })]);
      const anew = await open();
      expect(anew.reader.gatewayDays('gw-1').reduce((sum, { received }) => sum + (received ?? 0), 0)).toBe(10);
      expect(anew.reader.linksOf(d1)).toMatchObject([{ uplinks: 1, heardAt: NOON }]);
      await book.close();
      const closed = await open();
      expect(closed.reader.gateways()).toEqual(book.reader.gateways());
      expect(closed.reader.linksOf(d1)).toEqual(book.reader.linksOf(d1));
    });
  });

  test('what could not be kept is kept the next time', async () => {
    let refuse = false;
    let writes = 0;
    await onGround(
      async ({ open, registry }) => {
        await registry.addDevice({ id: 'd-1', profile: 'known/air' });
        const book = await open();
        for (let fail = 1; fail <= 4; fail += 1) {
          book.note([entry(fail, ['gw-1'], { at: at(fail) })]);
          book.tell(happened({ text: `event ${fail}` }));
          refuse = true;
          writes = -fail;
          await expect(book.keep()).rejects.toThrow('no room');
          refuse = false;
          await book.keep();
          const anew = await open();
          expect(anew.reader.linksOf(d1)).toEqual(book.reader.linksOf(d1));
          expect(anew.reader.gatewayDays('gw-1')).toEqual(book.reader.gatewayDays('gw-1'));
          expect(await anew.reader.events(eui(1))).toHaveLength(fail);
        }
      },
      (registry) => ({
        ...registry,
        keepRadio: async (part) => {
          writes += 1;
          if (refuse && writes >= 0) throw new Error('no room');
          await registry.keepRadio(part);
        },
      }),
    );
  });

  test('days are kept for a month', async () => {
    await onGround(async ({ open, clock }) => {
      const book = await open();
      for (let day = 0; day < DAYS_KEPT + 10; day += 1) {
        clock.set(at(day * DAY));
        book.tell(stats({ at: clock.now() }));
      }
      await book.keep();
      expect(book.reader.gatewayDays('gw-1')).toHaveLength(DAYS_KEPT);
      expect((await open()).reader.gatewayDays('gw-1')).toEqual(book.reader.gatewayDays('gw-1'));
    });
  });

  test('nothing was heard after now, where the clock was put back', async () => {
    await onGround(async ({ open, clock }) => {
      const book = await open();
      book.tell(stats({ at: at(DAY) }));
      clock.set(NOON);
      await book.keep();
      expect(book.reader.gateway('gw-1')?.heardAt).toBeLessThan(at(11 * MINUTE));
    });
  });

  test('our own name and position go before those of the network, and can be taken back', async () => {
    await onGround(async ({ open, registry }) => {
      const book = await open();
      book.tell({ kind: 'gateway', gateway: 'gw-1', connector: 'tts-mqtt', at: NOON, name: 'theirs' });
      await registry.updateGateway('gw-1', { name: ' ours ', latitude: 53.4, longitude: -2.1 });
      expect(book.reader.gateway('gw-1')).toMatchObject({
        name: 'ours',
        position: { latitude: 53.4, longitude: -2.1 },
      });
      await registry.updateGateway('gw-1', { name: null, latitude: null, longitude: null });
      expect(book.reader.gateway('gw-1')?.name).toBe('theirs');
      expect(book.reader.gateway('gw-1')?.position).toBeUndefined();
      await expect(registry.updateGateway('gw-1', { latitude: 53 })).rejects.toMatchObject({
        code: 'position-invalid',
      });
      await expect(registry.updateGateway('gw-1', { latitude: -2.1, longitude: 53.4 })).rejects.toMatchObject({
        code: 'position-outside',
      });
      await expect(registry.updateGateway('gw-1', { name: '' })).rejects.toMatchObject({ code: 'name-invalid' });
      await expect(registry.updateGateway('../x', { name: 'x' })).rejects.toMatchObject({ code: 'invalid-id' });
      expect(
        (await registry.audit({ limit: 5, subject: { kind: 'gateway', id: 'gw-1' } })).map(({ action, detail }) => [
          action,
          detail,
        ]),
      ).toEqual([
        ['gateway-changed', { name: null, latitude: null, longitude: null }],
        ['gateway-changed', { name: ' ours ', latitude: 53.4, longitude: -2.1 }],
      ]);
    });
  });
});
