import { furnish, tellRadio } from '../browser/scene.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { worldOf, type World } from './world.ts';

/** A house with something on every page, and the ids that are there. */
export const openFurnished = async (): Promise<{ readonly house: House; readonly world: World }> => {
  const house = await openHouse({
    prepare: (parts) => furnish(parts, parts.clock.now()),
    env: {
      KERBSIDE_DASHBOARD_LANGUAGES: 'en,cy',
      // A network server to be chosen; nobody listens there, and nobody asks it.
      KERBSIDE_THINGS_STACK_REGISTER_DEVICES: 'true',
      KERBSIDE_THINGS_STACK_API_URL: 'http://127.0.0.1:9',
      KERBSIDE_THINGS_STACK_API_KEY: 'k',
      KERBSIDE_THINGS_STACK_APPLICATION_ID: 'street',
    },
  });
  await house.registry.addRule({
    name: 'NO2 above 60',
    quantity: 'no2',
    when: 'above',
    threshold: 60,
    severity: 'critical',
  });
  await house.say('dev-wrs-14', { no2: 71.3, pm2_5: 17.2 });
  await house.registry.addDevice({
    id: 'lora-1',
    profile: 'decentlab/dl-pm',
    devEui: '70b3d57ed0050abc',
    name: 'By the canal',
    status: 'planned',
  });
  await house.say('dev-bredbury', { nobody: 'knows' });
  tellRadio(house.radio, house.now());
  const world = await worldOf({
    url: house.url,
    registry: house.registry,
    preferred: { site: 'wrs-14', gateway: '00800000a00016b6' },
  });
  return { house, world };
};
