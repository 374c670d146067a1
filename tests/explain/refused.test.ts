import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instant, iso } from '../../device-profiles/vocabulary/index.ts';
import { AirHouse, at } from './air-house.ts';

let house: AirHouse;
beforeEach(async () => {
  house = await new AirHouse().open();
});
afterEach(() => house.close());

describe('a value that is not there', () => {
  it('is refused with the nearest on both sides, however far away they are', async () => {
    await house.receive(
      house.said('air-1', -400 * 24 * 60, { no2: 1 }),
      house.said('air-1', -90, { no2: 2 }),
      house.said('air-1', -89, { no2: 2 }),
      house.said('air-1', 60, { no2: 3 }),
    );
    await expect(house.explainAt('no2', 0)).rejects.toMatchObject({
      code: 'value-unknown',
      message:
        `air-1 has no no2 at ${iso(at(0))}; ` +
        `the nearest are at ${iso(at(-89))} before it and ${iso(at(60))} after it`,
    });
    await expect(house.explain({ device: 'air-1', quantity: 'no2', time: instant(at(60) + 1) })).rejects.toMatchObject({
      message: expect.stringContaining(`${iso(at(60))} before it`),
    });
    await expect(house.explain({ device: 'air-1', quantity: 'no2', time: at(-401 * 24 * 60) })).rejects.toMatchObject({
      message: expect.stringMatching(/nearest are at [\d:.TZ-]+ after it$/),
    });
  });

  it('is refused with what the device does measure, where it never said it', async () => {
    await house.registry.addDevice({ id: 'pm-2', profile: 'decentlab/dl-pm' });
    await expect(house.explain({ device: 'pm-2', quantity: 'no2', time: at(0) })).rejects.toMatchObject({
      code: 'quantity-unmeasured',
      message: expect.stringContaining('pm10'),
    });
    await expect(house.explain({ device: 'nobody', quantity: 'no2', time: at(0) })).rejects.toMatchObject({
      code: 'device-unknown',
    });
  });

  it('keeps nobody waiting for long: one explanation at a time, and a bounded number that waits', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    const all = await Promise.allSettled(Array.from({ length: 30 }, () => house.explainAt('no2', 0)));
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toHaveLength(10);
    expect(refused[0]).toMatchObject({ code: 'explain-busy' });
    expect((await house.explainAt('no2', 0)).stored.value).toBe(40);
  });
});
