import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { devEui, deviceId, instant, type Connector, type DeviceId } from '../../../device-profiles/vocabulary/index.ts';
import { openLog } from '../../../infra/logging/index.ts';
import { downlinkFor } from '../../../infra/network-server/command.ts';
import { downlinkStates, type NewDownlink } from '../../../infra/network-server/contract.ts';
import { afterNews, newsOf, openDownlinkNews } from '../../../infra/network-server/downlinks.ts';
import { networkEventKinds, type NetworkEvent } from '../../../infra/radio/contract.ts';
import { refusal } from '../../contracts/registry/case.ts';
import { bothServers } from './both-servers.ts';
import { addCounter, euiOf, onStreet, type Street } from './ground.ts';

const servers = bothServers('milesight/vs133');

const counter = deviceId('counter-1');
const interval = async ({ registry, catalogue }: Street, network: NewDownlink['network']): Promise<NewDownlink> => {
  const device = registry.device({ by: 'id', value: counter });
  if (device === undefined) throw new Error('there is no device');
  return {
    network,
    ...(await downlinkFor(device, catalogue.get(device.profile), { data: { interval: 1200 }, confirmed: true })),
  };
};
const event = (kind: NetworkEvent['kind'], connector: Connector, change: Partial<NetworkEvent>): NetworkEvent => ({
  kind,
  devEui: devEui(euiOf(1)),
  connector,
  at: instant(0),
  level: 'info',
  text: 'as the network says it',
  detail: {},
  ...change,
});
const newestOf = async (registry: Street['registry'], device: DeviceId) =>
  (await registry.downlinks({ device, limit: 10 }))[0];
const newest = ({ registry }: Street) => newestOf(registry, counter);
const newsFor = ({ registry, clock }: Street) => openDownlinkNews({ registry, clock, log: openLog('silent') });

test('ChirpStack: a command in the words of the profile is queued there in its bytes, and its acknowledgement comes back', () =>
  onStreet({ chirpstack: servers.chirpstack }, async (street) => {
    await addCounter(street.registry, 1);
    await street.registry.sendDownlink(counter, await interval(street, 'chirpstack'));
    expect(await newest(street)).toMatchObject({ state: 'queued', by: { kind: 'kerbside' } });
    await street.pass();
    const [item] = servers.chirpstack.queues.get(euiOf(1)) ?? [];
    expect([item?.getFPort(), item?.getConfirmed(), Buffer.from(item?.getData_asU8() ?? []).toString('hex')]).toEqual([
      85,
      true,
      'ff03b004',
    ]);
    expect(await newest(street)).toMatchObject({ state: 'accepted', remote: item?.getId() });
    await street.pass();
    expect(servers.chirpstack.queues.get(euiOf(1))).toHaveLength(1);

    const downlink = item?.getId() ?? '';
    const news = newsFor(street);
    news.tell(event('txack', 'chirpstack-mqtt', { downlink }));
    await news.settled();
    expect(await newest(street)).toMatchObject({ state: 'sent' });
    news.tell(event('ack', 'chirpstack-mqtt', { downlink, detail: { acknowledged: true } }));
    news.tell(event('txack', 'chirpstack-mqtt', { downlink }));
    await news.settled();
    expect(await newest(street)).toMatchObject({ state: 'acknowledged' });
  }));

test('ChirpStack: a key that is wrong is said to be wrong, and nothing is given up', () =>
  onStreet(
    { chirpstack: { ...servers.chirpstack, url: servers.chirpstack.url, token: 'another-token' } },
    async (street) => {
      await addCounter(street.registry, 1, { withKey: false });
      await street.registry.sendDownlink(counter, await interval(street, 'chirpstack'));
      await street.pass();
      expect(await newest(street)).toMatchObject({ state: 'queued', reason: 'network-unauthorised', attempts: 1 });
    },
  ));

test('The Things Stack: a command goes out with a correlation id, by which later news find it', () =>
  onStreet({ thingsStack: servers.thingsStack }, async (street) => {
    await addCounter(street.registry, 1);
    const { id } = await street.registry.sendDownlink(counter, await interval(street, 'things-stack'));
    await street.pass();
    expect(servers.thingsStack.queues.get(`eui-${euiOf(1)}`)).toEqual([
      {
        f_port: 85,
        frm_payload: Buffer.from('ff03b004', 'hex').toString('base64'),
        priority: 'NORMAL',
        confirmed: true,
        correlation_ids: [`kerbside:${id}`],
      },
    ]);
    const news = newsFor(street);
    news.tell(event('downlink', 'tts-mqtt', { downlink: `kerbside:${id}`, code: 'sent' }));
    news.tell(event('ack', 'tts-mqtt', { downlink: `kerbside:${id}`, code: 'nack', level: 'warning' }));
    await news.settled();
    expect(await newest(street)).toMatchObject({ state: 'not-acknowledged' });
    news.tell(event('downlink', 'tts-mqtt', { downlink: id, code: 'ack' }));
    await news.settled();
    expect(await newest(street)).toMatchObject({ state: 'acknowledged' });
  }));

describe('news of commands', () => {
  test('change nothing when they name no command of ours, or come from another device', () =>
    onStreet({ chirpstack: servers.chirpstack }, async (street) => {
      await addCounter(street.registry, 1);
      await addCounter(street.registry, 2);
      const { id } = await street.registry.sendDownlink(counter, await interval(street, 'chirpstack'));
      await street.pass();
      const news = newsFor(street);
      news.tell(event('ack', 'chirpstack-mqtt', {}));
      news.tell(event('ack', 'chirpstack-mqtt', { downlink: 'somebody-else' }));
      news.tell(event('ack', 'chirpstack-mqtt', { downlink: id, devEui: devEui(euiOf(2)) }));
      news.tell(event('ack', 'chirpstack-mqtt', { downlink: id, devEui: devEui(euiOf(9)) }));
      news.tell(event('status', 'chirpstack-mqtt', { downlink: id }));
      await news.settled();
      expect(await newest(street)).toMatchObject({ state: 'accepted' });
    }));

  test('never take a command back to an earlier state, whatever comes in whatever order', () => {
    let told = 0;
    const anyEvent = fc.record({
      kind: fc.constantFrom(...networkEventKinds),
      code: fc.option(fc.oneof(fc.constantFrom('down_ack', 'down.nack', 'sent', 'failed', 'queued'), fc.string()), {
        nil: undefined,
      }),
      level: fc.constantFrom('info' as const, 'warning' as const, 'error' as const),
      acknowledged: fc.option(fc.boolean(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...downlinkStates), fc.array(anyEvent, { maxLength: 30 }), (first, events) => {
        let state = first;
        let acknowledged = first === 'acknowledged';
        for (const { kind, code, level, acknowledged: ack } of events) {
          told += 1;
          const news = newsOf(
            event(kind, 'tts-mqtt', {
              level,
              ...(code === undefined ? {} : { code }),
              detail: ack === undefined ? {} : { acknowledged: ack },
            }),
          );
          if (news === undefined) continue;
          acknowledged ||= news === 'acknowledged';
          const next = afterNews(state, news);
          const isEnd = ['acknowledged', 'not-acknowledged', 'failed'].includes(state);
          expect(!isEnd || next === state || next === 'acknowledged').toBe(true);
          state = next;
        }
        expect(state === 'acknowledged').toBe(acknowledged);
      }),
      { numRuns: 1_000 },
    );
    expect(told).toBeGreaterThan(2_000);
  });
});

describe.each(['chirpstack', 'things-stack'] as const)('a command for %s', (name) => {
  const ground = () =>
    name === 'chirpstack' ? { chirpstack: servers.chirpstack } : { thingsStack: servers.thingsStack };
  const server = () => (name === 'chirpstack' ? servers.chirpstack : servers.thingsStack);
  const push = name === 'chirpstack' ? 'Enqueue' : 'PUSH';
  const queued = (): number =>
    (servers.chirpstack.queues.get(euiOf(1)) ?? servers.thingsStack.queues.get(`eui-${euiOf(1)}`) ?? []).length;
  const bytesThere = (): readonly (number | undefined)[] =>
    name === 'chirpstack'
      ? (servers.chirpstack.queues.get(euiOf(1)) ?? []).map((item) => item.getData_asU8()[0])
      : (servers.thingsStack.queues.get(`eui-${euiOf(1)}`) ?? []).map(
          ({ frm_payload: payload }) => Buffer.from(payload, 'base64')[0],
        );

  test('whose answer was lost is found in the queue, and not queued twice', () =>
    onStreet(ground(), async (street) => {
      await addCounter(street.registry, 1);
      await street.pass();
      await street.registry.sendDownlink(counter, await interval(street, name));
      server().faults.next = (call) => (call === push ? 'answer-lost' : undefined);
      await street.pass();
      expect(await newest(street)).toMatchObject({ state: 'queued', reason: 'network-timeout', attempts: 1 });
      server().faults.next = () => undefined;
      street.clock.pass(60_000);
      await street.pass();
      expect(await newest(street)).toMatchObject({ state: 'accepted' });
      expect(queued()).toBe(1);
    }));

  test('waits while the server is away, over a restart, and is given up after a day', () =>
    onStreet(ground(), async (street) => {
      await addCounter(street.registry, 1);
      await street.pass();
      await street.registry.sendDownlink(counter, await interval(street, name));
      server().faults.next = (call) => (call === push ? 'unavailable' : undefined);
      await street.pass();
      const again = await street.restart();
      again.clock.pass(3_600_000);
      await again.pass();
      expect(await newest(again)).toMatchObject({ state: 'queued', attempts: 2 });
      again.clock.pass(25 * 3_600_000);
      await again.pass();
      expect(await newest(again)).toMatchObject({ state: 'failed', reason: 'network-unreachable' });
      server().faults.next = () => undefined;
      await again.pass();
      expect(queued()).toBe(0);
    }));

  test('reaches a device after those that were given before it, however long one of them waited', () =>
    onStreet(ground(), async ({ registry, clock, pass }) => {
      await addCounter(registry, 1);
      await pass();
      const given = (byte: number) =>
        registry.sendDownlink(counter, { network: name, fPort: 85, payload: Uint8Array.of(byte), confirmed: false });
      server().faults.next = (call) => (call === push ? 'unavailable' : undefined);
      const first = await given(1);
      await pass();
      clock.pass(7_000);
      await pass();
      const second = await given(2);
      await pass();
      const waiting = (await registry.downlinks({ device: counter, limit: 5 })).map(
        ({ id, state, reason, attempts }) => ({ id, state, reason, attempts }),
      );
      expect(waiting).toEqual([
        { id: second.id, state: 'queued', reason: 'network-unreachable', attempts: 0 },
        { id: first.id, state: 'queued', reason: 'network-unreachable', attempts: 3 },
      ]);
      server().faults.next = () => undefined;
      const third = await given(3);
      const fourth = await given(4);
      await pass();
      const kept = await registry.downlinks({ device: counter, limit: 5 });
      expect(kept.map(({ id, state }) => [id, state])).toEqual(
        [fourth, third, second, first].map(({ id }) => [id, 'accepted']),
      );
      expect(bytesThere()).toEqual([1, 2, 3, 4]);
    }));

  test('that was not tried because another found the server away waits a minute at most', () =>
    onStreet(ground(), async ({ registry, clock, pass }) => {
      for (const n of [1, 2]) await addCounter(registry, n);
      await pass();
      const order = { network: name, fPort: 85, payload: Uint8Array.of(1), confirmed: false };
      server().faults.next = (call) => (call === push ? 'unavailable' : undefined);
      await registry.sendDownlink(counter, order);
      for (let tries = 0; tries < 8; tries += 1) {
        await pass();
        clock.pass(3_600_000);
      }
      const other = await registry.sendDownlink(deviceId('counter-2'), order);
      await pass();
      const kept = await registry.downlinkCalled(other.id);
      expect(kept).toMatchObject({ state: 'queued', reason: 'network-unreachable', attempts: 0 });
      expect((kept?.nextAt ?? 0) - clock.now()).toBe(60_000);
      expect(((await newestOf(registry, counter))?.nextAt ?? 0) - clock.now()).toBeGreaterThan(60_000);
    }));

  test('for a device that is not there fails at once, and those for others are handed over', () =>
    onStreet(ground(), async ({ registry, pass, logged }) => {
      for (const n of [1, 2]) await addCounter(registry, n);
      await pass();
      servers.chirpstack.devices.delete(euiOf(1));
      for (const there of Object.values(servers.thingsStack.registries)) there.delete(`eui-${euiOf(1)}`);
      const order = { network: name, fPort: 85, payload: Uint8Array.of(1), confirmed: false };
      await registry.sendDownlink(counter, order);
      await registry.sendDownlink(deviceId('counter-2'), order);
      await pass();
      expect(await newestOf(registry, counter)).toMatchObject({
        state: 'failed',
        reason: 'network-device-missing',
        attempts: 1,
      });
      expect(await newestOf(registry, deviceId('counter-2'))).toMatchObject({ state: 'accepted' });
      expect(logged()).not.toContain('network-unauthorised');
    }));

  test('is refused when the device is retired, has no such port or is longer than any frame', () =>
    onStreet(ground(), async ({ registry }) => {
      await addCounter(registry, 1);
      const order = { network: name, fPort: 85, payload: Uint8Array.of(1), confirmed: false };
      for (const fPort of [0, 224, 1.5, Number.NaN])
        expect(await refusal(registry.sendDownlink(counter, { ...order, fPort }))).toBe('downlink-invalid');
      for (const length of [0, 243])
        expect(await refusal(registry.sendDownlink(counter, { ...order, payload: new Uint8Array(length) }))).toBe(
          'downlink-invalid',
        );
      expect(await refusal(registry.sendDownlink(deviceId('nobody'), order))).toBe('device-unknown');
      await registry.updateDevice(counter, { status: 'retired' });
      expect(await refusal(registry.sendDownlink(counter, order))).toBe('device-retired');
      expect(await registry.downlinks({ limit: 10 })).toEqual([]);
    }));
});
