import { describe, expect, test } from 'vitest';
import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import { EVENTS_A_DEVICE } from '../../infra/radio/contract.ts';
import { EVENTS_WAITING_AT_MOST, STRANGERS_AT_MOST } from '../../infra/radio/events.ts';
import { GATEWAYS_AT_MOST, STRANGE_GATEWAYS_AT_MOST } from '../../infra/radio/gateways.ts';
import { entry, eui, frame, happened, MINUTE, NOON, onGround, stats } from './ground.ts';

const at = (ms: number) => instant(NOON + ms);
const invented = (n: number) => eui(0xabc0000000 + n);

describe('events of devices that somebody makes up', () => {
  test('never keep those of a registered device away, and the one that was silent longest makes room', async () => {
    await onGround(async ({ registry, open }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air', devEui: eui(1) });
      const book = await open();
      const texts = async (n: ReturnType<typeof eui>) => (await book.reader.events(n)).map(({ text }) => text);
      for (let n = 0; n < 300; n += 1) book.tell(happened({ devEui: invented(n) }));
      await book.keep();
      for (let n = 300; n < 50_000; n += 1) book.tell(happened({ devEui: invented(n) }));
      // Was told of again in time.
      book.tell(happened({ devEui: invented(50_000 - STRANGERS_AT_MOST), text: 'again' }));
      book.tell(happened({ devEui: invented(50_000) }));
      book.tell(happened({ text: 'ours' }));
      await book.keep();
      expect(await texts(eui(1))).toEqual(['ours']);
      expect(await texts(invented(50_000))).toHaveLength(1);
      expect(await texts(invented(50_000 - STRANGERS_AT_MOST))).toEqual(['again']);
      for (const n of [0, 299, 300, 50_000 - STRANGERS_AT_MOST + 1]) expect(await texts(invented(n))).toEqual([]);
      const { eventNumbers } = await registry.radio();
      expect(eventNumbers.size).toBe(STRANGERS_AT_MOST + 1);
      // So it is after a restart.
      const again = await open();
      again.tell(happened({ devEui: invented(60_000) }));
      await again.keep();
      expect((await registry.radio()).eventNumbers.size).toBe(STRANGERS_AT_MOST + 1);
      expect((await registry.radio()).eventNumbers.get(eui(1))).toBe(1);
    });
  }, 60_000);

  test('one device alone fills nothing: twenty of its events wait, and all that would be kept are', async () => {
    await onGround(async ({ registry, open, metrics }) => {
      await registry.addDevice({ id: 'd-2', profile: 'known/air', devEui: eui(2) });
      const book = await open();
      for (let n = 0; n <= EVENTS_WAITING_AT_MOST; n += 1)
        book.tell(happened({ devEui: invented(1), text: `event ${n}` }));
      book.tell(happened({ devEui: eui(2), text: 'ours' }));
      expect((await metrics.radioDropped.get()).values).toEqual([]);
      await book.keep();
      expect((await book.reader.events(eui(2))).map(({ text }) => text)).toEqual(['ours']);
      const kept = await book.reader.events(invented(1));
      expect(kept).toHaveLength(EVENTS_A_DEVICE);
      expect(kept[0]?.text).toBe(`event ${EVENTS_WAITING_AT_MOST}`);
    });
  });

  test('when too many wait the newest alone of each registered device does, and what went is counted', async () => {
    await onGround(async ({ registry, open, metrics }) => {
      const devices = EVENTS_WAITING_AT_MOST / EVENTS_A_DEVICE + 2;
      await registry.addDevices(
        Array.from({ length: devices }, (_, n) => ({ id: `d-${n}`, profile: 'known/air', devEui: eui(n + 1) })),
      );
      const book = await open();
      for (let n = 0; n < devices; n += 1)
        for (let k = 0; k < EVENTS_A_DEVICE; k += 1) book.tell(happened({ devEui: eui(n + 1), text: `event ${k}` }));
      await book.keep();
      expect((await registry.radio()).eventNumbers.size).toBe(devices);
      expect((await book.reader.events(eui(devices))).map(({ text }) => text)).toEqual(['event 19']);
      expect(await book.reader.events(eui(1))).toHaveLength(EVENTS_A_DEVICE);
      expect((await metrics.radioDropped.get()).values).toMatchObject([
        { labels: { reason: 'events-full' }, value: 2 * (EVENTS_A_DEVICE - 1) },
      ]);
    });
  });

  test('a device that is registered or removed changes its side', async () => {
    await onGround(async ({ registry, open }) => {
      const book = await open();
      book.tell(happened({ text: 'before' }));
      await registry.addDevice({ id: 'd-1', profile: 'known/air', devEui: eui(1) });
      book.tell(happened({ text: 'registered' }));
      for (let n = 0; n < STRANGERS_AT_MOST + 5; n += 1) book.tell(happened({ devEui: invented(n) }));
      expect((await book.reader.events(eui(1))).map(({ text }) => text)).toEqual(['registered', 'before']);
      await book.keep();
      await registry.removeDevice(deviceId('d-1'));
      // Nobody's any more, it makes room as any other.
      for (let n = 0; n < STRANGERS_AT_MOST + 5; n += 1) book.tell(happened({ devEui: invented(10_000 + n) }));
      await book.keep();
      expect(await book.reader.events(eui(1))).toEqual([]);
    });
  });
});

describe('gateways that somebody makes up', () => {
  test('keep away none that speaks to us, has a name, or hears registered devices', async () => {
    await onGround(async ({ registry, open }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      await registry.updateGateway('named', { name: 'Town hall' });
      const book = await open();
      let seq = 0;
      const crowd = (prefix: string, when: number): void => {
        for (let post = 0; post < 10; post += 1) {
          const receptions = Array.from({ length: 256 }, (_, n) => `${prefix}-${post}-${n}`);
          book.note([entry((seq += 1), receptions, { device: 'nobody', at: at(when + post) })]);
        }
      };
      crowd('first', 0);
      book.tell(frame({ gateway: 'speaks', at: at(1_000) }));
      book.tell(stats({ gateway: 'named', at: at(1_001) }));
      book.note([entry((seq += 1), ['hears'], { at: at(1_002) })]);
      book.tell({ kind: 'gateway', gateway: 'told', connector: 'tts-mqtt', at: at(1_003), name: 'x' });
      await book.keep();
      crowd('second', MINUTE);
      const known = (from: typeof book) =>
        ['speaks', 'named', 'hears', 'told', 'first-9-255', 'second-9-255', 'second-0-0'].filter(
          (id) => from.reader.gateway(id) !== undefined,
        );
      expect(known(book)).toEqual(['speaks', 'named', 'hears', 'second-9-255']);
      expect(book.reader.gateways()).toHaveLength(STRANGE_GATEWAYS_AT_MOST + 3);
      await book.keep();
      const again = await open();
      expect(known(again)).toEqual(known(book));
      expect(again.reader.gateways()).toEqual(book.reader.gateways());
      for (let n = 0; n < STRANGE_GATEWAYS_AT_MOST; n += 1)
        again.tell(stats({ gateway: `third-${n}`, at: at(2 * MINUTE) }));
      expect(known(again)).toEqual(['speaks', 'named', 'hears']);
    });
  });

  test('that are said to hear registered devices leave room for one that speaks to us all the same', async () => {
    await onGround(async ({ registry, open }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      await registry.updateGateway('named', { name: 'Town hall' });
      const book = await open();
      for (let post = 0; post < 8; post += 1)
        book.note([
          entry(
            post + 1,
            Array.from({ length: 256 }, (_, n) => `gw-${post}-${n}`),
            { at: at(post) },
          ),
        ]);
      expect(book.reader.gateways()).toHaveLength(GATEWAYS_AT_MOST);
      book.tell(frame({ gateway: 'speaks', at: at(10) }));
      book.tell(stats({ gateway: 'named', at: at(11) }));
      book.tell(stats({ gateway: 'stranger', at: at(12) }));
      expect(['speaks', 'named', 'stranger'].map((id) => book.reader.gateway(id) !== undefined)).toEqual([
        true,
        true,
        false,
      ]);
      expect(book.reader.gateways()).toHaveLength(GATEWAYS_AT_MOST);
    });
  });

  test('fill no frequency of one that is vouched for', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      for (let n = 0; n < 12_000; n += 1) {
        const heard = entry(n + 1, [`made-up-${n % 200}`], { device: 'nobody' });
        const { lorawan } = heard.uplink;
        if (lorawan !== undefined)
          book.note([{ ...heard, uplink: { ...heard.uplink, lorawan: { ...lorawan, frequency: 863_000_000 + n } } }]);
      }
      book.tell(frame({ gateway: 'speaks' }));
      expect(book.reader.channels('speaks')).toHaveLength(1);
    });
  });
});
