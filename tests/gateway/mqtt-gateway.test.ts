import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../infra/registry/registry.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import { NEW_DEVICES_AT_MOST } from '../../gateway/newcomers.ts';
import { monday, standingClock } from '../registry/ground.ts';
import { openStreet, text, type Street } from './ground.ts';
import { answerTo, connectPacket, publish, signIn, type Wire } from './wire.ts';

const topicOf = (gateway: string, device: string): string => `gateways/${gateway}/devices/${device}/up`;

/** Sends a message and waits for its PUBACK. */
const say = async (
  wire: Wire,
  topic: string,
  payload: string,
  fields: Parameters<typeof publish>[2] = {},
): Promise<void> => {
  wire.send(publish(topic, payload, fields));
  expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId: fields.messageId ?? 1 });
};

const heard = async (street: Street): Promise<readonly string[]> =>
  (await street.kept()).map((uplink) => `${uplink.device.value} via ${uplink.via ?? 'itself'}: ${text(uplink)}`);

describe('a gateway device', () => {
  it('speaks for the devices that its list covers, registered or not, and for itself', async () => {
    const street = await openStreet();
    await street.sensor('aq-1');
    const wire = await signIn(street.port, await street.gateway('gw-1', 'aq-*', 'counter-7'));
    await say(wire, topicOf('gw-1', 'aq-1'), 'a');
    await say(wire, topicOf('gw-1', 'counter-7'), 'b');
    await say(wire, 'devices/gw-1/up', 'c');
    await say(wire, topicOf('gw-1', 'aq-1'), 'd');
    expect(await heard(street)).toEqual([
      'aq-1 via gw-1: a',
      'counter-7 via gw-1: b',
      'gw-1 via itself: c',
      'aq-1 via gw-1: d',
    ]);
    expect((await street.kept())[0]).toMatchObject({
      connector: 'mqtt',
      device: { by: 'id', value: 'aq-1' },
      via: 'gw-1',
      redelivered: false,
    });
  });

  it.each<[string, string, string]>([
    ['a registered device that its list does not cover', topicOf('gw-1', 'counter-9'), 'device-not-covered'],
    ['an unregistered one', topicOf('gw-1', 'nobody'), 'device-not-covered'],
    ['itself, unless its list says so', topicOf('gw-1', 'gw-1'), 'device-not-covered'],
    ['a device on the topic of another gateway', topicOf('gw-2', 'aq-1'), 'topic-not-yours'],
    ['a device on the topic of a gateway whose id begins as its own', topicOf('gw-10', 'aq-1'), 'topic-not-yours'],
    ["a device on that device's own topic", 'devices/aq-1/up', 'topic-not-yours'],
    ['what is no device id', topicOf('gw-1', 'aq-ä'), 'topic-not-yours'],
    ['an empty name', topicOf('gw-1', ''), 'topic-not-yours'],
    ['a name with a NUL', topicOf('gw-1', 'aq-\0'), 'topic-not-yours'],
    ['a name that is too long', topicOf('gw-1', `aq-${'x'.repeat(62)}`), 'topic-not-yours'],
    ['a device further down', `${topicOf('gw-1', 'aq-1')}/more`, 'topic-not-yours'],
    ['a device with a level too many', `${topicOf('gw-1', 'aq-1')}/`, 'topic-not-yours'],
    ['a device further up', 'gateways/gw-1/devices/aq-1', 'topic-not-yours'],
    ['a device with its topic in capitals', 'Gateways/gw-1/devices/aq-1/up', 'topic-not-yours'],
    ['a device beside the topic', 'gateways/gw-1/devices/aq-1/down', 'topic-not-yours'],
    ['a device below another word', 'gateways/gw-1/sensors/aq-1/up', 'topic-not-yours'],
    ['a wildcard', topicOf('gw-1', '+'), 'protocol-error'],
  ])('may not speak for %s: its connection is closed, which is counted and said once', async (_who, topic, reason) => {
    const street = await openStreet();
    await street.sensor('aq-1');
    await street.sensor('counter-9');
    await street.gateway('gw-2', 'aq-*');
    await street.gateway('gw-10', 'aq-*');
    const wire = await signIn(street.port, await street.gateway('gw-1', 'aq-*'));
    wire.send(rawPublish(topic));
    await wire.closed();
    expect(wire.waiting).toEqual([]);
    expect(await street.kept()).toEqual([]);
    expect(await street.refused(reason)).toBe(1);
    expect(street.said().filter((line) => line.reason === reason)).toHaveLength(1);
  });

  it('is not what every device is: without a list it speaks for itself only', async () => {
    const street = await openStreet();
    await street.sensor('aq-1');
    const wire = await signIn(street.port, await street.sensor('counter-7'));
    wire.send(publish(topicOf('counter-7', 'aq-1'), '1'));
    await wire.closed();
    expect(await street.refused('device-not-covered')).toBe(1);
    expect(await street.kept()).toEqual([]);
  });

  it.each([topicOf('gw-1', 'aq-1'), 'devices/aq-1/up'])('may not leave a Will for another on %s', async (topic) => {
    const street = await openStreet();
    const { id, token } = await street.gateway('gw-1', 'aq-*');
    const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false } as const;
    const connect = connectPacket({ clientId: id, username: id, password: Buffer.from(token), will });
    expect(await answerTo(street.port, connect)).toBe(5);
    expect(await street.refused('will-elsewhere')).toBe(1);
  });

  it('is believed when it says a message again, on the same connection or the next, and kept once', async () => {
    const street = await openStreet();
    const gateway = await street.gateway('gw-1', 'aq-*');
    const wire = await signIn(street.port, gateway);
    await say(wire, topicOf('gw-1', 'aq-1'), 'a', { messageId: 7 });
    await say(wire, topicOf('gw-1', 'aq-1'), 'a', { messageId: 7, dup: true });
    wire.end();
    const again = await signIn(street.port, gateway);
    await say(again, topicOf('gw-1', 'aq-1'), 'a', { messageId: 7, dup: true });
    expect(await heard(street)).toEqual(['aq-1 via gw-1: a']);
  });

  it('is not taken for another gateway, for the device itself or for another device with the same packet id and words', async () => {
    const street = await openStreet();
    const [one, two, itself] = [
      await signIn(street.port, await street.gateway('gw-1', 'aq-*')),
      await signIn(street.port, await street.gateway('gw-2', 'aq-*')),
      await signIn(street.port, await street.sensor('aq-1')),
    ];
    const again = { messageId: 7, dup: true };
    await say(one, topicOf('gw-1', 'aq-1'), '0', again);
    await say(two, topicOf('gw-2', 'aq-1'), '0', again);
    await say(itself, 'devices/aq-1/up', '0', again);
    await say(one, topicOf('gw-1', 'aq-2'), '0', again);
    expect(await heard(street)).toEqual([
      'aq-1 via gw-1: 0',
      'aq-1 via gw-2: 0',
      'aq-1 via itself: 0',
      'aq-2 via gw-1: 0',
    ]);
  });

  it('does not disturb the order of times of a device that is heard by several ways in the same millisecond', async () => {
    const street = await openStreet({ clock: standingClock() });
    const [one, two, itself] = [
      await signIn(street.port, await street.gateway('gw-1', 'aq-*')),
      await signIn(street.port, await street.gateway('gw-2', 'aq-*')),
      await signIn(street.port, await street.sensor('aq-1')),
    ];
    await say(one, topicOf('gw-1', 'aq-1'), '0');
    await say(two, topicOf('gw-2', 'aq-1'), '0');
    await say(itself, 'devices/aq-1/up', '0');
    await say(one, topicOf('gw-1', 'aq-2'), '0', { messageId: 2 });
    const times = (await street.kept()).map(({ receivedAt }) => receivedAt - monday);
    expect(times).toEqual([0, 1, 2, 0]);
  });

  it('loses and gains devices with its next message when its list is changed', async () => {
    const street = await openStreet();
    const gateway = await street.gateway('gw-1', 'aq-*');
    const wire = await signIn(street.port, gateway);
    await say(wire, topicOf('gw-1', 'aq-1'), '1');
    await street.registry.updateDevice(gateway.id, { speaksFor: ['aq-*', 'counter-*'] });
    await say(wire, topicOf('gw-1', 'counter-1'), '2');
    await say(wire, topicOf('gw-1', 'aq-1'), '3');
    await street.registry.updateDevice(gateway.id, { speaksFor: ['counter-*'] });
    await say(wire, topicOf('gw-1', 'counter-1'), '4');
    wire.send(publish(topicOf('gw-1', 'aq-1'), '5'));
    await wire.closed();
    expect((await street.kept()).map(text)).toEqual(['1', '2', '3', '4']);
    expect(await street.refused('device-not-covered')).toBe(1);

    const back = await signIn(street.port, gateway);
    await street.registry.updateDevice(gateway.id, { speaksFor: null });
    back.send(publish(topicOf('gw-1', 'counter-1'), '6'));
    await back.closed();
    expect(await street.kept()).toHaveLength(4);
  });

  it('loses them too when another process changes its list, as soon as that is seen', async () => {
    const street = await openStreet();
    const gateway = await street.gateway('gw-1', 'aq-*');
    const wire = await signIn(street.port, gateway);
    await say(wire, topicOf('gw-1', 'aq-1'), '1');
    const another = await openRegistry({
      ...registryFiles(street.dir),
      clock: street.clock,
      log: street.log,
      knownProfile: () => true,
    });
    await another.updateDevice(gateway.id, { speaksFor: ['counter-*'] });
    await another.close();
    await street.registry.refresh();
    wire.send(publish(topicOf('gw-1', 'aq-1'), '2'));
    await wire.closed();
    expect(await street.kept()).toHaveLength(1);
  });

  it('that invents names is refused after a number of them, on a new connection too, and its known devices go on', async () => {
    const street = await openStreet();
    await street.sensor('aq-known');
    const gateway = await street.gateway('gw-1', 'aq-*');
    const wire = await signIn(street.port, gateway);
    for (let n = 1; n <= NEW_DEVICES_AT_MOST; n += 1)
      wire.send(publish(topicOf('gw-1', `aq-${n}`), String(n), { messageId: n }));
    for (let n = 1; n <= NEW_DEVICES_AT_MOST; n += 1)
      expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId: n });
    wire.send(publish(topicOf('gw-1', 'aq-one-more'), '1'));
    await wire.closed();
    const again = await signIn(street.port, gateway);
    again.send(publish(topicOf('gw-1', 'aq-another'), '1'));
    await again.closed();
    expect(await street.kept()).toHaveLength(NEW_DEVICES_AT_MOST);
    expect(await street.refused('too-many-new-devices')).toBe(2);
    expect(street.said().filter(({ reason }) => reason === 'too-many-new-devices')).toHaveLength(1);

    const third = await signIn(street.port, gateway);
    await say(third, topicOf('gw-1', 'aq-known'), '1');
    await say(third, topicOf('gw-1', 'aq-17'), '1', { messageId: 2 });
    const other = await signIn(street.port, await street.gateway('gw-2', 'aq-*'));
    await say(other, topicOf('gw-2', 'aq-another'), '1');
  });

  it('speaks for more devices on one connection than are remembered at a time', async () => {
    const street = await openStreet();
    const ids = Array.from({ length: 2_500 }, (_, n) => `aq-${n}`);
    await street.registry.addDevices(ids.map((id) => ({ id, profile: 'kerbside/canonical' })));
    const wire = await signIn(street.port, await street.gateway('gw-1', 'aq-*'));
    for (const [n, id] of ids.entries()) wire.send(publish(topicOf('gw-1', id), id, { messageId: n + 1 }));
    for (const n of ids.keys()) expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId: n + 1 });
    await say(wire, topicOf('gw-1', 'aq-0'), 'again', { messageId: 9_000 });
    const kept = await street.kept();
    expect(kept.slice(0, 2_500).map(({ device }) => device.value)).toEqual(ids);
    expect(kept).toHaveLength(2_501);
  });
});

/** A PUBLISH by hand, because a proper client refuses to send some of these. */
const rawPublish = (topic: string): Buffer => {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.of(name.length >> 8, name.length & 0xff),
    name,
    Buffer.of(0, 1),
    Buffer.from('1'),
  ]);
  expect(body.length).toBeLessThan(16_384);
  const length = body.length < 128 ? [body.length] : [(body.length % 128) + 128, body.length >> 7];
  return Buffer.concat([Buffer.from([0x32, ...length]), body]);
};
