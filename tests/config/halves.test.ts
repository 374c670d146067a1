import { expect, it } from 'vitest';
import { ConfigInvalid, readConfig } from '../../infra/config/index.ts';

const faultsOf = (env: Readonly<Record<string, string>>) => {
  try {
    readConfig({ env });
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.faults;
    throw error;
  }
};

it('a network server that is set up by half is said before anything starts, with what is missing', () => {
  expect(
    faultsOf({
      KERBSIDE_CHIRPSTACK_API_URL: 'http://127.0.0.1:8090',
      KERBSIDE_THINGS_STACK_MQTT_URL: 'mqtt://127.0.0.1:1883',
      KERBSIDE_THINGS_STACK_API_KEY: 'k',
    }),
  ).toEqual([
    {
      where: 'KERBSIDE_CHIRPSTACK_API_URL',
      setting: 'chirpstack.apiUrl',
      problem: 'needs chirpstack.apiToken and chirpstack.applicationId as well',
    },
    {
      where: 'KERBSIDE_THINGS_STACK_MQTT_URL',
      setting: 'thingsStack.mqttUrl',
      problem: 'needs thingsStack.applicationId as well',
    },
  ]);
  expect(faultsOf({ KERBSIDE_THINGS_STACK_REGISTER_DEVICES: 'true', KERBSIDE_THINGS_STACK_API_KEY: 'k' })).toEqual([
    {
      where: 'KERBSIDE_THINGS_STACK_REGISTER_DEVICES',
      setting: 'thingsStack.registerDevices',
      problem: 'needs thingsStack.apiUrl and thingsStack.applicationId as well',
    },
  ]);
  expect(faultsOf({ KERBSIDE_CHIRPSTACK_API_TOKEN: 't' })).toEqual([]);
});
