import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';
import { furnish, tellRadio } from './scene.ts';

/** The town of `scene.ts` with rules, an alert, a message that is not understood, an edge box and radio gateways. */
export const openTown = async (): Promise<House> => {
  const house = await openHouse({ prepare: (parts) => furnish(parts, parts.clock.now()) });
  await house.registry.addRule({
    name: 'NO2 above 60',
    quantity: 'no2',
    when: 'above',
    threshold: 60,
    severity: 'critical',
  });
  await house.registry.addRule({
    name: 'PM2.5 above 5 for an hour',
    quantity: 'pm2_5',
    when: 'above',
    threshold: 5,
    forMs: 3_600_000,
  });
  await house.say('dev-wrs-14', { no2: 71.3, pm2_5: 17.2 });
  await house.say('dev-cheadle-1', { no2: 64, pm2_5: 3 });
  await house.say('dev-cheadle-1', { no2: 20, pm2_5: 3 });
  // Heard, and not understood; and an edge box that measures nothing.
  await house.say('dev-bredbury', { nobody: 'knows' });
  await house.registry.addDevice({ id: 'box-9', profile: 'kerbside/canonical', speaksFor: ['dev-hostile'] });
  await house.say('dev-hostile', { no2: 20 }, house.now(), 'box-9');
  await house.registry.addDevice({
    id: 'lora-1',
    profile: 'decentlab/dl-pm',
    name: 'By the canal',
    status: 'planned',
  });
  tellRadio(house.radio, house.now());
  return house;
};

/** Waits until the page is told what happens. */
export const live = async (page: Page): Promise<void> => {
  await expect.poll(() => page.textContent('[data-live-state]')).toMatch(/^Live/);
};
