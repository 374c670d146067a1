import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceId, devEui, instant, iso } from '../../device-profiles/vocabulary/index.ts';
import { explanationText } from '../../commands/explain/text.ts';
import { AirHouse, at, DAY, MINUTE } from './air-house.ts';
import { NOON } from './house.ts';

let house: AirHouse;
beforeEach(async () => {
  house = await new AirHouse().open();
});
afterEach(() => house.close());

describe('the message of a value', () => {
  it('is told with those that repeated it, and those whose number another took the place of', async () => {
    const [first, again] = [house.said('air-1', 0, { no2: 40 }), house.said('air-1', 0, { no2: 40 })];
    await house.receive(first);
    await house.receive({ ...again, receivedAt: instant(first.receivedAt + 60_000) });
    expect((await house.explainAt('no2', 0)).messages.map(({ part }) => part)).toEqual(['source', 'repeat']);
    await house.receive({ ...house.said('air-1', 0, { no2: 41 }), receivedAt: instant(first.receivedAt + 120_000) });
    const explanation = await house.explainAt('no2', 0);
    expect(explanation.messages.map(({ part }) => part)).toEqual(['outdone', 'outdone', 'source']);
    expect(explanation.stored.value).toBe(41);
    house.expectRetold(explanation);
  });

  it('is found where another message added the quantity to the same time, hours later', async () => {
    await house.receive(house.said('air-1', 0, { pm2_5: 12 }));
    const later = { ...house.said('air-1', 0, { pm10: 20 }), receivedAt: instant(at(0) + 5 * 60 * MINUTE) };
    await house.receive(later);
    const explanation = await house.explainAt('pm10', 0);
    expect(explanation.messages).toMatchObject([
      { part: 'source', receivedAt: iso(later.receivedAt), text: expect.stringContaining('pm10') },
    ]);
    house.expectRetold(explanation);
  });

  it('may speak of many times, and only one of its readings is meant', async () => {
    const batch = [0, 10, 20].map((minute) => ({ time: iso(at(minute)), no2: 30 + minute }));
    await house.receive(house.uplink('air-1', batch, { receivedAt: at(30) }));
    const explanation = await house.explainAt('no2', 10);
    expect(explanation.today).toMatchObject({ reading: { index: 1, of: 3 }, clock: 'device', value: 40 });
    expect(await house.retellAll()).toBe(3);
  });

  it('is shown with gateways and radio, whichever name its network used', async () => {
    await house.registry.addDevice({ id: 'pm-1', devEui: '70b3d57ba0000001', profile: 'decentlab/dl-pm' });
    const payload = Buffer.from('021b50000f0c25002500270027002701f50107012c012d012d012d67bd618dbd10', 'hex');
    const receptions = [{ gateway: '00800000a00016b6', rssi: -97, snr: 7.5 }, { gateway: '00800000a00016b7' }];
    await house.receive(
      house.uplink('pm-1', payload, {
        device: { by: 'devEui', value: devEui('70b3d57ba0000001') },
        lorawan: { fPort: 1, fCnt: 7, session: '01020304', receptions, frequency: 868_100_000, dataRate: 'SF7BW125' },
      }),
    );
    const [one] = await house.stored('pm-1');
    if (one === undefined) throw new Error('nothing was understood of the frame');
    const explanation = await house.explain(one);
    expect(explanation.messages).toMatchObject([
      {
        fPort: 1,
        fCnt: 7,
        dataRate: 'SF7BW125',
        frequency: 868_100_000,
        text: null,
        gateways: [{ rssi: -97 }, { rssi: null }],
      },
    ]);
    expect(explanation.profile).toMatchObject({ id: 'decentlab/dl-pm', codec: true });
    expect(await house.retellAll('pm-1')).toBeGreaterThan(3);
    const text = explanationText(explanation);
    for (const words of ['868.100 MHz', 'SF7BW125', '-97 dBm, SNR 7.5 dB', payload.toString('hex')])
      expect(text).toContain(words);
  });

  it('may be gone: then it is said so, and the raw number is explained', async () => {
    await house.registry.calibrate(deviceId('air-1'), {
      quantity: 'no2',
      from: at(-10),
      author: 'A',
      reason: 'R',
      correction: { coefficients: [-2, 1.1] },
    });
    for (const [minute, no2] of [
      [0, 40],
      [10, 700],
      [20, 41],
    ] as const)
      await house.receive(house.said('air-1', minute, { no2 }));
    await house.handled();
    house.now = instant(NOON + 500 * DAY);
    expect(await house.journal.prune()).toBe(3);
    const explanation = await house.explainAt('no2', 10);
    expect(explanation).toMatchObject({
      messages: [],
      messagesAbsent: 'retention',
      today: { clock: null, reading: null, flag: 3, reason: 'spike' },
    });
    expect(explanation.today?.checks.find(({ test }) => test === 'device-time')).toMatchObject({
      notMade: 'message-gone',
    });
    expect(await house.retellAll()).toBe(3);
  });

  it('may be one that today says no such thing any more', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    await house.registry.updateDevice(deviceId('air-1'), { profile: 'decentlab/dl-pm' });
    const explanation = await house.explainAt('no2', 0);
    expect(explanation).toMatchObject({
      today: null,
      differs: ['reading'],
      refused: { step: 'decode' },
      messages: [{ part: 'source' }],
    });
  });

  it('whose time could not be right is told with the time that it told', async () => {
    await house.receive(house.uplink('air-1', { time: '1970-01-01T00:00:00Z', no2: 40 }, { receivedAt: at(0) }));
    const explanation = await house.explainAt('no2', 0);
    expect(explanation.today).toMatchObject({
      clock: 'receipt',
      disbelieved: '1970-01-01T00:00:00.000Z',
      flag: 3,
      reason: 'device-time',
    });
    house.expectRetold(explanation);
  });
});
