import { beforeEach, describe, expect, test } from 'vitest';
import type { OpenCatalogue } from '../../../device-profiles/catalogue.ts';
import { deviceId } from '../../../device-profiles/vocabulary/index.ts';
import type { Entry } from '../../../infra/journal/contract.ts';
import { openEar } from '../../../ingest/heard/index.ts';
import { understand } from '../../../ingest/pipeline.ts';
import { catalogue, clock, log, lora, NOON, Street } from './street.ts';

let street: Street;
beforeEach(async () => {
  street = await new Street().open();
  return () => street.close();
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
