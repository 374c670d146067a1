import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import {
  deviceId,
  devEui,
  instant,
  uplinkId,
  type Instant,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import { dayOf, type HeardDay } from '../../infra/heard/contract.ts';
import { listenedMs } from '../../infra/heard/listening.ts';
import type { Entry, Journal } from '../../infra/journal/contract.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics } from '../../infra/metrics/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import { openEar, type Ear } from '../../ingest/heard/index.ts';
import { openListening, STEP_MS } from '../../ingest/heard/listening.ts';
import { understand } from '../../ingest/pipeline.ts';

const log = openLog('silent');
const NOON = instant(Date.UTC(2026, 5, 1, 12));
const DAY = dayOf(NOON);
const clock = { now: () => NOON };

let catalogue: OpenCatalogue;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
});
afterAll(() => catalogue.close());

/** A registry and a journal on disk, and ears that come and go. */
class Street {
  readonly folder = mkdtempSync(join(tmpdir(), 'kerbside-heard-'));
  readonly metrics = openMetrics();
  readonly ears: Ear[] = [];
  registry!: Registry;
  journal!: Journal;
  /** The place up to which ears were told. */
  told = 0;
  #sent = 0;

  async open(): Promise<this> {
    this.registry = await openRegistryIn(this.folder, { clock, log, catalogue });
    this.openJournal('journal.db');
    await this.registry.addDevices([
      { id: 'aq-1', profile: 'kerbside/canonical' },
      { id: 'aq-2', profile: 'kerbside/canonical' },
      { id: 'lora-1', profile: 'decentlab/dl-pm', devEui: '24e124136b502217' },
    ]);
    return this;
  }

  openJournal(name: string): void {
    this.journal = openSqliteJournal({
      file: join(this.folder, name),
      retentionMs: 1e12,
      maxBytes: 1e9,
      minFreeBytes: 0,
      groupMs: 0,
      clock,
      log,
    });
  }

  async close(): Promise<void> {
    for (const ear of this.ears) await ear.close();
    await this.journal.close();
    await this.registry.close();
    rmSync(this.folder, { recursive: true });
  }

  /** An ear as a start of the server opens it. The registry dies under it after `writes` writes. */
  async listen(writes = Infinity): Promise<Ear> {
    let left = writes;
    const registry: Registry = {
      ...this.registry,
      keepHeard: async (part) => {
        left -= 1;
        if (left < 0) throw new Error('the process is dead');
        await this.registry.keepHeard(part);
      },
    };
    const { journal, metrics } = this;
    const ear = await openEar({
      journal,
      registry,
      catalogue,
      metrics,
      clock,
      log,
      understand: understand({ registry, catalogue, window: { futureMs: 600_000 } }),
    });
    this.ears.push(ear);
    return ear;
  }

  async send(device: string, payload: string, change: Partial<Uplink> = {}): Promise<void> {
    this.#sent += 1;
    await this.journal.append([
      {
        id: uplinkId(String(this.#sent).padStart(22, 'u')),
        redelivered: false,
        connector: 'mqtt',
        device: { by: 'id', value: deviceId(device) },
        receivedAt: instant(NOON + this.#sent),
        payload: new TextEncoder().encode(payload),
        ...change,
      },
    ]);
  }

  /** The pipeline's part: hands the ear what came since. */
  async tell(ear: Ear, from = this.told): Promise<void> {
    const batch: Entry[] = [];
    for await (const entry of this.journal.read({ after: from })) batch.push(entry);
    const { registry } = this;
    ear.note(batch, await understand({ registry, catalogue, window: { futureMs: 600_000 } })(batch));
    this.told = batch.at(-1)?.seq ?? this.told;
  }

  async day(ear: Ear, device: string, day = DAY): Promise<HeardDay | undefined> {
    return (await ear.reader.days([deviceId(device)], day)).find((one) => one.day === day);
  }
}

let street: Street;
beforeEach(async () => {
  street = await new Street().open();
  return () => street.close();
});

const lora = (fCnt: number, change: Partial<Uplink> = {}): Partial<Uplink> => ({
  device: { by: 'devEui', value: devEui('24e124136b502217') },
  lorawan: {
    fPort: 1,
    fCnt,
    session: 'join-1',
    receptions: [
      { gateway: 'roof', rssi: -110, snr: -2 },
      { gateway: 'tower', rssi: -97, snr: 6 },
    ],
  },
  ...change,
});

describe('who is heard', () => {
  test('a device that sends rubbish is heard, one that nobody has registered is not', async () => {
    const ear = await street.listen();
    await street.send('aq-1', 'no json at all');
    await street.send('stranger', '{"no2": 1}');
    await street.tell(ear);
    expect(ear.reader.device(deviceId('aq-1'))).toMatchObject({
      heardAt: NOON + 1,
      connector: 'mqtt',
      routes: [{ kind: 'door', name: 'mqtt', at: NOON + 1 }],
    });
    expect(ear.reader.device(deviceId('aq-1'))?.aboutAt).toBeUndefined();
    expect(ear.reader.device(deviceId('stranger'))).toBeUndefined();
    await ear.keep();
    expect((await street.registry.heard()).devices.map(({ device }) => device)).toEqual(['aq-1']);
    expect(await street.day(ear, 'aq-1')).toMatchObject({ uplinks: 1, framesMissed: 0, spreads: {} });
  });

  test('a batch that delivers the past counts for the hours that it is about, once for each message that it replaces', async () => {
    const ear = await street.listen();
    const samples = [0, 10, 20, 30, 40, 50].map((minute) => ({
      no2: 20,
      battery_voltage: 3.5,
      time: NOON - 7_200_000 + minute * 60_000,
    }));
    await street.send('aq-1', JSON.stringify(samples));
    // Ten samples of a minute each are one message of a device that is to be heard each ten minutes.
    await street.send(
      'aq-2',
      JSON.stringify(
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map((minute) => ({ no2: 20, time: NOON - 540_000 + minute * 60_000 })),
      ),
    );
    await street.tell(ear);
    const hours = (await street.day(ear, 'aq-1'))?.hours ?? [];
    expect(hours[10]).toBe(6);
    expect(hours.reduce((a, b) => a + b)).toBe(6);
    expect((await street.day(ear, 'aq-2'))?.hours.reduce((a, b) => a + b)).toBe(1);
    expect((await street.day(ear, 'aq-1'))?.uplinks).toBe(1);
    expect((await street.day(ear, 'aq-1'))?.spreads.voltage).toEqual({ n: 6, sum: 21, min: 3.5 });
  });

  test('gaps of the frame counter are counted by day and by door, and a late frame takes them back from the day', async () => {
    const ear = await street.listen();
    for (const fCnt of [1, 2, 6, 4]) await street.send('lora-1', 'x', lora(fCnt, { connector: 'external-mqtt' }));
    await street.tell(ear);
    expect(await street.day(ear, 'lora-1')).toMatchObject({
      uplinks: 4,
      framesMissed: 2,
      spreads: { rssi: { n: 4, min: -97 }, snr: { n: 4, sum: 24 } },
    });
    const text = await street.metrics.registry.getSingleMetricAsString('kerbside_frames_missed_total');
    expect(text).toContain('kerbside_frames_missed_total{connector="external-mqtt"} 3');
    expect(ear.reader.device(deviceId('lora-1'))?.routes.map(({ kind, name }) => [kind, name])).toEqual([
      ['lorawan-gateway', 'roof'],
      ['lorawan-gateway', 'tower'],
    ]);
  });

  test('the edge box that forwards, or the broker, is the route', async () => {
    const ear = await street.listen();
    await street.send('aq-1', '{"no2": 1}', { via: deviceId('box-3') });
    await street.send('aq-2', '{"no2": 1}', { connector: 'external-mqtt' });
    await street.registry.addDevice({ id: 'box-3', profile: 'kerbside/canonical', speaksFor: ['aq-*'] });
    await street.tell(ear);
    // It has said nothing itself, and is heard by what it forwards.
    expect(ear.reader.device(deviceId('box-3'))).toMatchObject({ routes: [{ kind: 'door', name: 'mqtt' }] });
    expect(ear.reader.device(deviceId('aq-1'))?.routes).toMatchObject([{ kind: 'gateway-device', name: 'box-3' }]);
    expect(ear.reader.device(deviceId('aq-2'))?.routes).toMatchObject([{ kind: 'broker', name: 'external-mqtt' }]);
  });

  test('what waited in the quarantine says when and how its device was heard, and is kept; it is not counted', async () => {
    const ear = await street.listen();
    await street.send('aq-3', '{"no2": 1}', { via: deviceId('box-3') });
    await street.send('aq-3', '{"no2": 2}', { via: deviceId('box-4') });
    await street.tell(ear);
    const sent: Entry[] = [];
    for await (const entry of street.journal.read({ after: 0 })) sent.push(entry);
    const [older, newer] = sent;
    if (older === undefined || newer === undefined) throw new Error('there are two');
    await street.registry.addDevice({ id: 'aq-3', profile: 'kerbside/canonical' });
    await ear.keep();
    const { registry } = street;
    // In any order: what is older takes nothing back.
    for (const { uplink } of [newer, older, newer]) {
      const batch = [{ seq: -1, uplink }];
      ear.note(batch, await understand({ registry, catalogue, window: { futureMs: 600_000 } })(batch));
    }
    await ear.keep();
    const expected = {
      heardAt: newer.uplink.receivedAt,
      aboutAt: newer.uplink.receivedAt,
      connector: 'mqtt',
      routes: [
        { kind: 'gateway-device', name: 'box-3', at: older.uplink.receivedAt },
        { kind: 'gateway-device', name: 'box-4', at: newer.uplink.receivedAt },
      ],
    };
    expect(ear.reader.device(deviceId('aq-3'))).toMatchObject(expected);
    expect((await street.registry.heard()).devices).toMatchObject([expected]);
    expect(await street.day(ear, 'aq-3')).toBeUndefined();
    await street.send('aq-3', '{"no2": 3}');
    await street.tell(ear);
    expect((await street.day(ear, 'aq-3'))?.uplinks).toBe(1);
  });

  test('a fault of ours in noting who was heard never stops the pipeline', async () => {
    const { journal, registry, metrics } = street;
    let broken = true;
    const moody = {
      get: (id: Parameters<OpenCatalogue['get']>[0]) => {
        if (broken) throw new Error('a fault');
        return catalogue.get(id);
      },
    };
    const ear = await openEar({ journal, registry, catalogue: moody, metrics, clock, log, understand: async () => [] });
    street.ears.push(ear);
    await street.send('aq-1', '{"no2": 1}');
    await street.tell(ear);
    broken = false;
    await street.send('aq-1', '{"no2": 1}');
    await street.tell(ear);
    expect((await street.day(ear, 'aq-1'))?.uplinks).toBe(1);
  });

  test('a device that is registered anew under its old id has not been heard', async () => {
    const ear = await street.listen();
    await street.send('aq-1', '{"no2": 1}');
    await street.tell(ear);
    await ear.keep();
    await street.registry.removeDevice(deviceId('aq-1'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ear.reader.device(deviceId('aq-1'))).toBeUndefined();
    await ear.keep();
    expect((await street.registry.heard()).devices).toEqual([]);
  });
});

describe('after a crash', () => {
  /** All uplinks of the journal by device, and what the ear counted. */
  const sums = async (ear: Ear): Promise<readonly (readonly [string, number])[]> =>
    Promise.all(['aq-1', 'aq-2', 'lora-1'].map(async (id) => [id, (await street.day(ear, id))?.uplinks ?? 0] as const));

  test('what was not kept is read again from the journal, once, wherever the writing broke off', async () => {
    let crashes = 0;
    for (let writes = 0; writes < 4; writes += 1) {
      const ear = await street.listen(writes);
      for (const device of ['aq-1', 'aq-2', 'aq-1']) await street.send(device, '{"no2": 1}');
      await street.send('lora-1', 'x', lora(writes * 2));
      await street.tell(ear);
      await ear.keep().catch(() => (crashes += 1));
    }
    expect(crashes).toBeGreaterThan(1);
    const ear = await street.listen();
    const counted = [
      ['aq-1', 8],
      ['aq-2', 4],
      ['lora-1', 4],
    ];
    expect(await sums(ear)).toEqual(counted);
    expect((await street.day(ear, 'lora-1'))?.framesMissed).toBe(3);
    // The pipeline was behind when it died, and handles all of it again.
    await street.tell(ear, 0);
    await ear.keep();
    expect(await sums(ear)).toEqual(counted);
    expect(await sums(await street.listen())).toEqual(counted);
  });

  test('whatever is sent, kept and broken off, each uplink is counted once', async () => {
    let ear = await street.listen();
    const sent = new Map([
      ['aq-1', 0],
      ['aq-2', 0],
      ['lora-1', 0],
    ]);
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), device: fc.constantFrom('aq-1', 'aq-2') }),
      fc.record({ do: fc.constant('tell' as const) }),
      fc.record({ do: fc.constant('tell again' as const) }),
      fc.record({ do: fc.constant('keep' as const) }),
      fc.record({ do: fc.constant('crash' as const), writes: fc.integer({ min: 1, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 30 }), async (steps) => {
        for (const one of steps) {
          if (one.do === 'send') {
            await street.send(one.device, '{"no2": 1}');
            sent.set(one.device, (sent.get(one.device) ?? 0) + 1);
          } else if (one.do === 'tell') await street.tell(ear);
          else if (one.do === 'tell again') await street.tell(ear, Math.max(0, street.told - 5));
          else if (one.do === 'keep') await ear.keep().catch(() => {});
          else if (one.do === 'crash') ear = await street.listen(one.writes);
        }
        await street.tell(ear);
        expect(await sums(ear)).toEqual([...sent]);
      }),
      { numRuns: 25 },
    );
    expect(Math.min(sent.get('aq-1') ?? 0, sent.get('aq-2') ?? 0)).toBeGreaterThan(10);
  }, 60_000);

  test('a journal that was taken away begins at 1 again, and is counted on', async () => {
    const ear = await street.listen();
    for (let i = 0; i < 5; i += 1) await street.send('aq-1', '{"no2": 1}');
    await street.tell(ear);
    await ear.keep();
    await street.journal.close();
    street.openJournal('another.db');
    street.told = 0;
    const later = await street.listen();
    await street.send('aq-1', '{"no2": 1}');
    await street.tell(later);
    await later.keep();
    expect((await street.day(later, 'aq-1'))?.uplinks).toBe(6);
    expect((await street.registry.heard()).seq).toBe(1);
  });

  test('what cannot be kept now is kept later, with nothing lost or doubled', async () => {
    const ear = await street.listen(1);
    await street.send('aq-1', '{"no2": 1}');
    await street.tell(ear);
    await expect(ear.keep()).rejects.toThrow('dead');
    await expect(ear.keep()).rejects.toThrow('dead');
    expect((await street.day(ear, 'aq-1'))?.uplinks).toBe(1);
    expect((await street.registry.heard()).devices).toEqual([]);
  });
});

describe('when the server listened', () => {
  const at = (ms: number): Instant => instant(NOON + ms);

  test('a clock that is put back does not leave a silent device heard until that date', async () => {
    const street = await new Street().open();
    try {
      let ear = await street.listen();
      await street.send('aq-1', '{"pm2_5": 1}', { receivedAt: instant(NOON + 400 * 86_400_000) });
      await street.send('aq-2', '{"pm2_5": 1}', { receivedAt: instant(NOON + 599_000) });
      await street.tell(ear);
      const heardAt = (id: string) => ear.reader.device(deviceId(id))?.heardAt;
      expect(heardAt('aq-1')).toBeGreaterThan(NOON + 86_400_000);
      await ear.keep();
      // A burst may run ahead by less than ten minutes: that is believed.
      expect([heardAt('aq-1'), heardAt('aq-2')]).toEqual([NOON, NOON + 599_000]);
      expect(ear.reader.device(deviceId('aq-1'))).toMatchObject({ aboutAt: NOON, routes: [{ at: NOON }] });
      await ear.close();
      ear = await street.listen();
      expect(heardAt('aq-1')).toBe(NOON);
    } finally {
      await street.close();
    }
  });

  test('a clock that runs is listened to without a break, one that steps is not', () => {
    let [wall, steady] = [0, 0];
    const listening = openListening({ now: () => at(wall) }, () => steady);
    wall = steady = 60_000;
    listening.look();
    expect(listening.listened()).toEqual([{ from: at(0), to: at(60_000) }]);
    wall += 3_600_000;
    listening.look();
    wall += 1_000;
    steady += 1_000;
    listening.look();
    expect(listening.listened()).toEqual([
      { from: at(0), to: at(60_000) },
      { from: at(3_660_000), to: at(3_661_000) },
    ]);
    wall -= 7_200_000;
    listening.look();
    expect(listening.listened()).toHaveLength(3);
  });

  test('breaks do not count, and where two times overlap they count once', () => {
    const spans = (...pairs: readonly (readonly [number, number])[]) =>
      pairs.map(([from, to]) => ({ from: at(from), to: at(to) }));
    expect(listenedMs(spans([0, 100], [200, 300]), at(50), at(250))).toBe(100);
    expect(listenedMs(spans([0, 100], [200, 300]), at(120), at(180))).toBe(0);
    expect(listenedMs(spans([0, 100], [50, 150]), at(0), at(200))).toBe(150);
    expect(listenedMs(spans([0, 100]), at(100), at(50))).toBe(0);
    expect(listenedMs([], at(0), at(100))).toBe(0);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { maxLength: 8 }),
        fc.nat(1_000),
        fc.nat(1_000),
        (pairs, from, to) => {
          const listened = spans(...pairs).toSorted((a, b) => a.from - b.from);
          const heard = (t: number): boolean => listened.some((one) => one.from - NOON <= t && t < one.to - NOON);
          const union = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).filter(heard).length;
          expect(listenedMs(listened, at(from), at(to))).toBeLessThanOrEqual(union);
        },
      ),
    );
  });

  test('no look, however late, makes more time of listening than the steady clock passed', () => {
    const move = fc.record({ wall: fc.integer({ min: -10_000_000, max: 10_000_000 }), steady: fc.nat(10_000_000) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        let [wall, steady] = [0, 0];
        const listening = openListening({ now: () => at(wall) }, () => steady);
        for (const each of moves) {
          wall += each.wall;
          steady += each.steady;
          listening.look();
        }
        const sum = listenedMs(listening.listened(), at(-400_000_000), at(400_000_000));
        expect(sum).toBeLessThanOrEqual(steady + moves.length * STEP_MS);
      }),
    );
  });
});
