import { afterAll, beforeAll, expect, it } from 'vitest';
import { deviceId, iso } from '../../device-profiles/vocabulary/index.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { influxPlace } from '../timeseries/places.ts';
import { AirHouse, at } from './air-house.ts';

needs('influxd')('InfluxDB 1.6', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());

  it(
    'gives the same explanations: late values, spikes, what another message added, and the nearest times',
    { timeout: 60_000 },
    async () => {
      const place = await influxPlace(influx.url);
      const there = await new AirHouse(() => place.open()).open();
      try {
        await there.registry.calibrate(deviceId('air-1'), {
          quantity: 'no2',
          from: at(-10),
          author: 'A',
          reason: 'R',
          correction: { coefficients: [-2, 1.1] },
        });
        const said = [
          [0, { no2: 40, pm2_5: 12 }],
          [20, { no2: 42, pm2_5: 13 }],
          [10, { no2: 500, pm2_5: 420 }],
          [30, { no2: null, humidity: 400 }],
          [20, { pm10: 9 }],
        ] as const;
        for (const [minute, values] of said) await there.receive(there.said('air-1', minute, values));
        expect(await there.retellAll()).toBe(9);
        expect(Object.fromEntries(there.tally)).toMatchObject({
          'spike 3': 2,
          'plausibility 3': 2,
          'gross-range 4': 1,
        });
        await expect(there.explainAt('no2', 5)).rejects.toMatchObject({
          message:
            `air-1 has no no2 at ${iso(at(5))}; ` +
            `the nearest are at ${iso(at(0))} before it and ${iso(at(10))} after it`,
        });
      } finally {
        await there.close();
        await place.remove();
      }
    },
  );
});
