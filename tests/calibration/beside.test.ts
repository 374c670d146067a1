import { expect, test } from 'vitest';
import { Type } from 'typebox';
import { Parse } from 'typebox/value';
import { openHouse } from '../dashboard/house.ts';
import { prepareCalibrations } from '../dashboard/calibration-rows.ts';

const Fit = Type.Object({
  unit: Type.String(),
  fit: Type.Object({
    offset: Type.Number(),
    slope: Type.Number(),
    before: Type.Object({ pairs: Type.Integer(), bias: Type.Number() }),
    after: Type.Object({ rmse: Type.Number() }),
  }),
});
const Observations = Type.Object({
  observations: Type.Array(Type.Object({ value: Type.Number(), raw: Type.Number() })),
});

test('a sensor that stood beside a station is fitted to it, corrected from then on, and fitted again to the same line', async () => {
  const house = await openHouse();
  try {
    await prepareCalibrations(house);
    const path = '/api/v1/devices/cal-1/calibrations';
    const key = house.keys.administrator;
    const stretch = { reference: { device: 'station-1' }, from: '2026-01-05', to: '2026-01-06T06:00:00Z' };
    await house.ask(`${path}/no2/2/withdraw`, { method: 'POST', key });
    const fit = async () =>
      Parse(Fit, (await house.ask(`${path}/fit`, { method: 'POST', key, body: { quantity: 'no2', ...stretch } })).json);
    const first = await fit();
    // The sensor says 10 + truth / 2: twice what it says, less 20, is the truth.
    expect(first).toMatchObject({
      unit: 'ug/m3',
      fit: {
        offset: expect.closeTo(-20, 6),
        slope: expect.closeTo(2, 6),
        before: { pairs: 30 },
        after: { rmse: expect.closeTo(0, 6) },
      },
    });

    const added = await house.ask(path, {
      method: 'POST',
      key,
      body: {
        quantity: 'no2',
        from: '2026-01-07',
        fit: stretch,
        author: 'Air quality team',
        reason: 'Beside the A6 station',
      },
    });
    expect(added).toMatchObject({
      status: 201,
      json: { version: 4, fit: { reference: { device: 'station-1', quantity: 'no2' } }, withdrawnAt: null },
    });
    await house.say('cal-1', [
      { time: '2026-01-06T23:59:59Z', no2: 30 },
      { time: '2026-01-07T00:00:00Z', no2: 30 },
    ]);
    const kept = Parse(
      Observations,
      (await house.ask('/api/v1/observations?device=cal-1&from=2026-01-06T20:00:00Z')).json,
    ).observations;
    expect(kept).toEqual(
      [
        { value: 30, raw: 30 },
        { value: expect.closeTo(40, 9), raw: 30 },
      ].map((one) => expect.objectContaining(one)),
    );
    // The fit is of what the sensor said, not of what was made of it.
    expect(await fit()).toEqual(first);
  } finally {
    await house.close();
  }
});
