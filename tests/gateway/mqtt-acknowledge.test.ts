import { describe, expect, it, vi } from 'vitest';
import { setTimeout as pause } from 'node:timers/promises';
import { JournalBroken, JournalFull } from '../../infra/journal/contract.ts';
import { openStreet, text } from './ground.ts';
import { journalBut } from './journal-but.ts';
import { publish, signIn } from './wire.ts';

const topic = 'devices/air-1/up';

describe('an acknowledgement', () => {
  it.each([
    { qos: 1, answer: 'puback' },
    { qos: 2, answer: 'pubrec' },
  ] as const)('of QoS $qos comes after the commit, however long that takes', async ({ qos, answer }) => {
    let commit = (): void => {};
    const held = new Promise<void>((resolve) => (commit = resolve));
    const street = await openStreet({
      changed: (real) =>
        journalBut(real, {
          append: async (uplinks) => {
            await held;
            return real.append(uplinks);
          },
        }),
    });
    const wire = await signIn(street.port, await street.sensor('air-1'));
    wire.send(publish(topic, '1', { qos }));
    await pause(300);
    expect(wire.waiting).toEqual([]);
    expect(await street.kept()).toEqual([]);
    commit();
    expect(await wire.next()).toMatchObject({ cmd: answer, messageId: 1 });
    expect(await street.kept()).toHaveLength(1);
  });

  it.each([
    { error: new JournalFull('no room'), reason: 'journal-full' },
    { error: new JournalBroken('no disk'), reason: 'journal-broken' },
    { error: new TypeError('a fault of ours'), reason: 'journal-broken' },
  ])(
    'never comes when the journal fails ($error.name): the connection is closed, and the message is taken when it is sent again',
    async ({ error, reason }) => {
      let failing = true;
      const street = await openStreet({
        changed: (real) =>
          journalBut(real, { append: (uplinks) => (failing ? Promise.reject(error) : real.append(uplinks)) }),
      });
      const sensor = await street.sensor('air-1');
      const wire = await signIn(street.port, sensor);
      wire.send(publish(topic, '1', { messageId: 9 }));
      await wire.closed();
      expect(wire.waiting).toEqual([]);
      expect(await street.refused(reason)).toBe(1);

      failing = false;
      const again = await signIn(street.port, sensor);
      again.send(publish(topic, '1', { messageId: 9, dup: true }));
      expect(await again.next()).toMatchObject({ cmd: 'puback', messageId: 9 });
      expect((await street.kept()).map(text)).toEqual(['1']);
    },
  );

  it('goes out for what was being committed when the door closes, and for nothing that came later', async () => {
    let commit = (): void => {};
    const held = new Promise<void>((resolve) => (commit = resolve));
    const street = await openStreet({
      changed: (real) =>
        journalBut(real, {
          append: async (uplinks) => {
            await held;
            return real.append(uplinks);
          },
        }),
    });
    const wire = await signIn(street.port, await street.sensor('air-1'), {
      will: { topic, payload: Buffer.from('a Will'), qos: 1, retain: false },
    });
    wire.send(publish(topic, 'before', { messageId: 1 }));
    await pause(100);
    const closing = street.door.close();
    wire.send(publish(topic, 'after', { messageId: 2 }));
    await pause(100);
    commit();
    await closing;
    await wire.closed();
    expect(wire.waiting).toEqual([expect.objectContaining({ cmd: 'puback', messageId: 1 })]);
    expect((await street.kept()).map(text)).toEqual(['before']);
    await expect(signIn(street.port, await street.sensor('air-2'))).rejects.toThrow('ECONNREFUSED');
  });

  it('is not waited for longer than 5 s when the door closes on a journal that hangs', async () => {
    const street = await openStreet({ changed: (real) => journalBut(real, { append: () => new Promise(() => {}) }) });
    const wire = await signIn(street.port, await street.sensor('air-1'));
    wire.send(publish(topic, '1'));
    await pause(100);
    const since = performance.now();
    await street.door.close();
    expect(performance.now() - since).toBeLessThan(7_000);
    expect(wire.waiting).toEqual([]);
  });
});

describe('a message that is sent again', () => {
  it('with DUP on a new connection is kept once, and acknowledged again', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const first = await signIn(street.port, sensor);
    first.send(publish(topic, '{"footfall_in":0}', { messageId: 7 }));
    await first.next();
    first.end();
    const second = await signIn(street.port, sensor);
    for (let times = 0; times < 3; times += 1) {
      second.send(publish(topic, '{"footfall_in":0}', { messageId: 7, dup: true }));
      expect(await second.next()).toMatchObject({ cmd: 'puback', messageId: 7 });
    }
    expect(await street.kept()).toHaveLength(1);
    const { values } = await street.metrics.uplinks.get();
    expect(values).toEqual([
      expect.objectContaining({ labels: { connector: 'mqtt', outcome: 'duplicate', reason: '' }, value: 3 }),
    ]);
    expect((await street.metrics.received.get()).values).toEqual([expect.objectContaining({ value: 4 })]);
  });

  it('with DUP that we never had is kept', async () => {
    const street = await openStreet();
    const wire = await signIn(street.port, await street.sensor('air-1'));
    wire.send(publish(topic, '1', { messageId: 7, dup: true }));
    await wire.next();
    wire.send(publish(topic, '2', { messageId: 7, dup: true }));
    await wire.next();
    expect((await street.kept()).map(text)).toEqual(['1', '2']);
  });

  it('in QoS 2 is kept once, before PUBREL, after a new connection, and after its PUBCOMP was lost', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const first = await signIn(street.port, sensor, { clean: false });
    const sent = { qos: 2, messageId: 3 } as const;
    first.send(publish(topic, '1', sent));
    expect(await first.next()).toMatchObject({ cmd: 'pubrec', messageId: 3 });
    first.send(publish(topic, '1', { ...sent, dup: true }));
    expect(await first.next()).toMatchObject({ cmd: 'pubrec', messageId: 3 });
    first.end();
    const second = await signIn(street.port, sensor, { clean: false });
    second.send(publish(topic, '1', { ...sent, dup: true }));
    expect(await second.next()).toMatchObject({ cmd: 'pubrec', messageId: 3 });
    for (let times = 0; times < 2; times += 1) {
      second.send({ cmd: 'pubrel', messageId: 3 });
      expect(await second.next()).toMatchObject({ cmd: 'pubcomp', messageId: 3 });
    }
    expect(await street.kept()).toHaveLength(1);
    second.send(publish(topic, '2', sent));
    expect(await second.next()).toMatchObject({ cmd: 'pubrec', messageId: 3 });
    expect((await street.kept()).map(text)).toEqual(['1', '2']);
  });
});

describe('a journal that stalls', () => {
  it('makes the sender wait, and us hold no more of its messages than one read of its socket brings', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let handed = 0;
    const street = await openStreet({
      changed: (real) =>
        journalBut(real, {
          append: async (uplinks) => {
            handed += uplinks.length;
            await held;
            return real.append(uplinks);
          },
        }),
    });
    const wire = await signIn(street.port, await street.sensor('air-1'));
    const payload = 'x'.repeat(1_000);
    for (let messageId = 1; messageId <= 20_000; messageId += 1) wire.send(publish(topic, payload, { messageId }));
    await pause(500);
    expect(handed).toBeGreaterThan(0);
    expect(handed).toBeLessThan(200);
    expect(wire.socket.writableLength).toBeGreaterThan(10_000_000);
    release();
    await vi.waitFor(() => expect(wire.waiting).toHaveLength(20_000), { timeout: 20_000 });
    expect(wire.waiting.map((packet) => packet.messageId)).toEqual(
      Array.from({ length: 20_000 }, (_, index) => index + 1),
    );
    expect(await street.kept()).toHaveLength(20_000);
  });
});
