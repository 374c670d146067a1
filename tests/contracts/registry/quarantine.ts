import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { devEui, deviceId, instant, uplinkId, type Uplink } from '../../../device-profiles/vocabulary/index.ts';
import { QUARANTINE_AT_MOST, type Quarantined } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const idOf = (words: string) => uplinkId(createHash('sha256').update(words).digest('base64url').slice(0, 22));

const radio: Uplink = {
  id: idOf('radio'),
  redelivered: true,
  connector: 'external-mqtt',
  device: { by: 'devEui', value: devEui('24e124136b502217') },
  receivedAt: instant(1_000),
  sentAt: instant(900),
  payload: Uint8Array.of(0, 255, 4, 0xcc, 0),
  lorawan: {
    fPort: 85,
    fCnt: 4_294_967_295,
    session: 'dev-addr',
    receptions: [{ gateway: 'g-1', rssi: -110, snr: -7.5, time: instant(890) }, { gateway: 'g-2' }],
  },
};
const plain = (words: string, receivedAt = 1_000): Uplink => ({
  id: idOf(words),
  redelivered: false,
  connector: 'mqtt',
  device: { by: 'id', value: deviceId('aq-1') },
  receivedAt: instant(receivedAt),
  payload: new TextEncoder().encode(words),
});
const refused = (uplink: Uplink, reason: Quarantined['reason'] = 'not-json'): Omit<Quarantined, 'id'> => ({
  uplink,
  reason,
  detail: 'not JSON at byte 3',
  at: instant(2_000),
});

/** Uplinks that could not become observations. */
export const quarantineCases: readonly RegistryCase[] = [
  {
    title: 'it says who waits for what, each once, and who waits behind which gateway',
    run: async ({ registry, another }) => {
      const via = (gateway: string, words: string, at: number): Uplink => ({
        ...plain(words, at),
        device: { by: 'id', value: deviceId(`new-${words.slice(0, 1)}`) },
        via: deviceId(gateway),
      });
      await registry.quarantine([
        refused(via('box-1', 'a1', 1_000), 'device-unknown'),
        refused(via('box-1', 'a2', 3_000), 'device-unknown'),
        refused(via('box-2', 'b1', 2_000), 'device-unknown'),
        refused(via('box-2', 'c1', 9_000), 'not-json'),
        refused(plain('stranger', 9_000), 'device-unknown'),
        refused(radio, 'profile-unknown'),
        ...[7_000, 5_000].map((at) =>
          refused(
            { ...plain('lora', at), device: { by: 'devEui', value: devEui('0011223344556677') } },
            'device-unknown',
          ),
        ),
      ]);
      const other = await another();
      expect(await other.unregistered()).toEqual([
        { devEui: '0011223344556677', uplinks: 2, firstAt: 5_000, lastAt: 7_000 },
      ]);
      expect(await other.claims()).toEqual([
        { via: 'box-1', device: 'new-a', uplinks: 2, firstAt: 1_000, lastAt: 3_000 },
        { via: 'box-2', device: 'new-b', uplinks: 1, firstAt: 2_000, lastAt: 2_000 },
      ]);
      expect(
        (await other.waiting(['device-unknown', 'profile-unknown'])).map(
          ({ reason, device }) => `${device.value} ${reason}`,
        ),
      ).toEqual([
        '0011223344556677 device-unknown',
        '24e124136b502217 profile-unknown',
        'aq-1 device-unknown',
        'new-a device-unknown',
        'new-b device-unknown',
      ]);
      expect(await other.waiting([])).toEqual([]);
      const [kept] = await other.quarantined({ limit: 1, reason: 'not-json' });
      expect(kept?.uplink.via).toBe('box-2');
    },
  },
  {
    title: 'an uplink in quarantine is kept whole, to the byte',
    run: async ({ registry }) => {
      expect(await registry.quarantine([refused(radio, 'truncated'), refused(plain(''))])).toEqual({ dropped: 0 });
      const [empty, whole] = await registry.quarantined({ limit: 10 });
      expect(whole).toEqual({ ...refused(radio, 'truncated'), id: expect.any(Number) });
      expect(empty).toEqual({ ...refused(plain('')), id: expect.any(Number) });
      expect(await registry.quarantineCount()).toBe(2);
    },
  },
  {
    title: 'what waits is counted by reason, the most first',
    run: async ({ registry }) => {
      expect(await registry.quarantineCounts()).toEqual([]);
      await registry.quarantine([
        refused(plain('a'), 'truncated'),
        refused(plain('b'), 'not-json'),
        refused(plain('c'), 'not-json'),
      ]);
      expect(await registry.quarantineCounts()).toEqual([
        { reason: 'not-json', uplinks: 2 },
        { reason: 'truncated', uplinks: 1 },
      ]);
    },
  },
  {
    title: 'a batch that is handled again adds nothing, and the same words at another time are another message',
    run: async ({ registry }) => {
      const batch = [refused(plain('a')), refused(plain('a', 2_000)), refused(plain('b'))];
      await registry.quarantine(batch);
      await registry.quarantine(batch);
      await registry.quarantine([...batch, ...batch, refused(plain('c'))]);
      expect(await registry.quarantineCount()).toBe(4);
      await registry.quarantine([]);
      expect(await registry.quarantineCount()).toBe(4);
    },
  },
  {
    title: 'an uplink that is refused again for another reason says the new one, in its old place',
    run: async ({ registry }) => {
      await registry.quarantine([refused(plain('a'), 'profile-unknown'), refused(plain('b'))]);
      const [, before] = await registry.quarantined({ limit: 2 });
      await registry.quarantine([{ ...refused(plain('a'), 'truncated'), detail: 'cut off at byte 7' }]);
      const [, after] = await registry.quarantined({ limit: 2 });
      expect(before?.reason).toBe('profile-unknown');
      expect(after).toEqual({ ...before, reason: 'truncated', detail: 'cut off at byte 7' });
      expect(await registry.quarantineCount()).toBe(2);
    },
  },
  {
    title: 'the quarantine is read newest first, page by page, by reason and by device',
    run: async ({ registry }) => {
      const reasons = ['not-json', 'truncated'] as const;
      await registry.quarantine(Array.from({ length: 10 }, (_, n) => refused(plain(`m-${n}`), reasons[n % 2])));
      await registry.quarantine([refused(radio, 'truncated')]);
      const words = (found: readonly Quarantined[]) =>
        found.map(({ uplink }) => new TextDecoder().decode(uplink.payload));
      const first = await registry.quarantined({ reason: 'not-json', limit: 3 });
      expect(words(first)).toEqual(['m-8', 'm-6', 'm-4']);
      const before = first[2]?.id ?? 0;
      expect(words(await registry.quarantined({ reason: 'not-json', limit: 3, before }))).toEqual(['m-2', 'm-0']);
      expect(await registry.quarantined({ device: radio.device, limit: 10 })).toHaveLength(1);
      expect(
        await registry.quarantined({ device: { by: 'id', value: deviceId('24e124136b502217') }, limit: 10 }),
      ).toHaveLength(0);
      expect(await refusal(registry.quarantined({ limit: 0 }))).toBe('limit-invalid');
    },
  },
  {
    title: 'an uplink is released once, and may come back',
    run: async ({ registry }) => {
      await registry.quarantine([refused(radio), refused(plain('b'))]);
      const [, kept] = await registry.quarantined({ limit: 2 });
      expect(await registry.release(kept?.id ?? 0)).toEqual(kept);
      expect(await registry.quarantineCount()).toBe(1);
      expect(await refusal(registry.release(kept?.id ?? 0))).toBe('quarantine-unknown');
      await registry.quarantine([refused(radio)]);
      const [again] = await registry.quarantined({ limit: 1 });
      expect(again?.uplink).toEqual(radio);
      expect(again?.id).toBeGreaterThan(kept?.id ?? Infinity);
    },
  },
  {
    title: 'beyond the limit the oldest leave the quarantine, and their number is told',
    run: async ({ registry }) => {
      const many = Array.from({ length: QUARANTINE_AT_MOST }, (_, n) => refused(plain(`m-${n}`, n)));
      expect(await registry.quarantine(many.slice(0, -1))).toEqual({ dropped: 0 });
      expect(await registry.quarantine(many.slice(-1))).toEqual({ dropped: 0 });
      expect(await registry.quarantine([refused(radio), refused(plain('new')), refused(plain('newer'))])).toEqual({
        dropped: 3,
      });
      expect(await registry.quarantineCount()).toBe(QUARANTINE_AT_MOST);
      const [oldest] = await registry.quarantined({ limit: 1, before: 5 });
      expect(oldest?.uplink).toEqual(plain('m-3', 3));
      expect(await registry.quarantined({ limit: 10, before: 4 })).toHaveLength(0);
    },
  },
];
