import { expect, test } from 'vitest';
import { devEui, deviceId } from '../../../device-profiles/vocabulary/index.ts';
import { openHouse } from '../../dashboard/house.ts';
import { addCounter, euiOf } from './ground.ts';

test('what a network server said of a device is for those who may manage; others learn the reason', async () => {
  const house = await openHouse({
    env: {
      KERBSIDE_THINGS_STACK_REGISTER_DEVICES: 'true',
      KERBSIDE_THINGS_STACK_API_URL: 'http://127.0.0.1:9',
      KERBSIDE_THINGS_STACK_API_KEY: 'k',
      KERBSIDE_THINGS_STACK_APPLICATION_ID: 'street',
    },
  });
  try {
    await addCounter(house.registry, 1);
    const detail = 'words of a stranger';
    await house.registry.wantInNetwork([
      {
        network: 'things-stack',
        devEui: devEui(euiOf(1)),
        device: deviceId('counter-1'),
        wanted: 'registered',
        state: 'failed',
        reason: 'network-refused',
        detail,
        print: '',
        attempts: 1,
        changedAt: house.now(),
      },
    ]);
    const path = '/api/v1/network-servers/things-stack/devices';
    const seenBy = async (key: string): Promise<unknown> => (await house.ask(path, { key })).json;
    expect(await seenBy(house.keys.administrator)).toMatchObject({ devices: [{ reason: 'network-refused', detail }] });
    expect(await seenBy(house.keys.viewer)).toMatchObject({ devices: [{ reason: 'network-refused', detail: null }] });
  } finally {
    await house.close();
  }
});
