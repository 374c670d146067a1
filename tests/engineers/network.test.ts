import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Seen, Visitor } from '../accounts/visitor.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { openChirpStackServer, type ChirpStackServer } from '../lorawan/register/chirpstack-server.ts';
import { appKey, euiOf } from '../lorawan/register/ground.ts';
import { errorsOf, signedIn } from './engineer.ts';

const MODEL = 'milesight/vs133';

let chirpstack: ChirpStackServer;
let chirpStackEnv: Readonly<Record<string, string>>;
beforeAll(async () => {
  chirpstack = await openChirpStackServer();
  chirpstack.addProfile(MODEL);
  chirpStackEnv = {
    KERBSIDE_CHIRPSTACK_API_URL: chirpstack.url,
    KERBSIDE_CHIRPSTACK_API_TOKEN: chirpstack.token,
    KERBSIDE_CHIRPSTACK_APPLICATION_ID: chirpstack.applicationId,
  };
});
afterAll(() => chirpstack.stop());

/** Nobody listens there. */
const thingsStackEnv = {
  KERBSIDE_THINGS_STACK_REGISTER_DEVICES: 'true',
  KERBSIDE_THINGS_STACK_API_URL: 'http://127.0.0.1:9',
  KERBSIDE_THINGS_STACK_API_KEY: 'k',
  KERBSIDE_THINGS_STACK_APPLICATION_ID: 'street',
};

const inHouse = async (
  env: Readonly<Record<string, string>>,
  work: (house: House, ada: Visitor) => Promise<void>,
): Promise<void> => {
  const house = await openHouse({ env });
  try {
    await work(house, await signedIn(house));
  } finally {
    await house.close();
  }
};

/** The page of keys in the wizard, with all before it said. */
const keysHref = (n: number): string =>
  `/engineer/register/keys?eui=${euiOf(n)}&join=0000000000000001&profile=${encodeURIComponent(MODEL)}&id=counter-${n}&where=none`;
const checkHref = (n: number): string => keysHref(n).replace('/keys?', '/check?');

const register = async (ada: Visitor, n: number, fields: Readonly<Record<string, string>>): Promise<Seen> => {
  const check = await ada.send(unescapedForms(await ada.get(keysHref(n))), checkHref(n), fields);
  expect(errorsOf(check.text)).toEqual([]);
  const action = /<form method="post" action="(\/engineer[^"]+)"/.exec(check.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  return ada.send(unescapedForms(check), action);
};
const unescapedForms = (page: Seen): Seen => ({
  ...page,
  text: page.text.replaceAll(/action="[^"]+"/g, (action) => action.replaceAll('&amp;', '&')),
});

const sync = async (house: House): Promise<number> => {
  const { status } = await house.ask('/api/v1/network-servers/chirpstack/sync', {
    method: 'POST',
    body: { dryRun: false },
    key: house.keys.administrator,
  });
  return status;
};
const variablesOf = (house: House, n: number) =>
  house.registry.device({ by: 'id', value: deviceId(`counter-${n}`) })?.variables;

describe('a sensor that is registered step by step', () => {
  test('is not asked for a network server where none is set up', () =>
    inHouse({}, async (house, ada) => {
      const keys = await ada.get(keysHref(1));
      expect(keys.text).not.toContain('name="network"');
      expect(keys.text).toContain('Continue without keys');
      const work = await register(ada, 1, { appKey: appKey(1) });
      expect(work.path).toBe('/engineer/devices/counter-1');
      expect(work.text).not.toContain('id="network"');
      expect(variablesOf(house, 1)).toBeUndefined();
    }));

  test('goes to the only one unless somebody says that it does not, and its page says how it stands there', () =>
    inHouse(chirpStackEnv, async (house, ada) => {
      const keys = await ada.get(keysHref(2));
      expect(keys.text).toMatch(/name="network"[^>]*value="chirpstack"[^>]* checked/);
      expect((await register(ada, 2, { network: 'chirpstack', appKey: appKey(2) })).text).toContain(
        'Waits to be registered in ChirpStack',
      );
      expect(variablesOf(house, 2)).toBeUndefined();
      expect(await sync(house)).toBe(200);
      expect(chirpstack.there(euiOf(2))).toMatchObject({ enabled: true, appKey: appKey(2) });
      expect((await ada.get('/engineer/devices/counter-2')).text).toMatch(/Registered in ChirpStack since \d/);

      expect((await register(ada, 3, { network: 'none', appKey: appKey(3) })).text).toContain(
        'It is registered in no network server of ours',
      );
      expect(await sync(house)).toBe(200);
      expect(chirpstack.there(euiOf(3))).toBeUndefined();

      expect((await register(ada, 7, { network: 'chirpstack' })).text).toContain(
        'Kerbside has no key of it, and leaves it to whoever registers it in ChirpStack',
      );
    }));

  test('says where it belongs where there are two', () =>
    inHouse({ ...chirpStackEnv, ...thingsStackEnv }, async (house, ada) => {
      const keys = unescapedForms(await ada.get(keysHref(4)));
      expect(keys.text).not.toContain(' checked');
      for (const network of ['', 'loriot']) {
        const again = await ada.send(keys, checkHref(4), { network, appKey: appKey(4) });
        expect(errorsOf(again.text)).toEqual(['#network Choose where the sensor is registered']);
        expect(again.text).not.toContain(appKey(4));
      }
      const check = await ada.send(keys, checkHref(4), { network: 'things-stack' });
      expect(check.path).toContain('network=things-stack');
      expect(check.text).toContain('The Things Stack');
      await register(ada, 4, { network: 'things-stack', appKey: appKey(4) });
      expect(variablesOf(house, 4)).toEqual({ network: 'things-stack' });
    }));
});

describe('the network server of a sensor', () => {
  test('and its keys are given later on a page of theirs, both or neither', () =>
    inHouse({ ...chirpStackEnv, ...thingsStackEnv }, async (house, ada) => {
      const variables = { every: '10m' };
      await house.registry.addDevice({ id: 'counter-5', profile: MODEL, devEui: euiOf(5), variables });
      const work = await ada.get('/engineer/devices/counter-5');
      expect(work.text).toContain('It is registered nowhere yet');
      expect(work.text).toContain('Nobody has said in which network server it belongs');
      const path = '/engineer/devices/counter-5/network';
      const form = await ada.get(path);
      expect(form.text).toContain('No key of it is kept here');
      const refused = await ada.send(form, path, { network: 'chirpstack', appKey: 'abc' });
      expect(errorsOf(refused.text)).toEqual([expect.stringMatching(/^#appKey /)]);
      expect(variablesOf(house, 5)).toEqual(variables);
      const saved = await ada.send(form, path, { network: 'chirpstack', appKey: appKey(5) });
      expect(saved.path).toBe('/engineer/devices/counter-5?done=network');
      expect(variablesOf(house, 5)).toEqual({ ...variables, network: 'chirpstack' });
      const after = await ada.get(path);
      expect(after.text).toMatch(/Kept here, encrypted: appKey, since/);
      expect(after.text.toUpperCase()).not.toContain(appKey(5));
      expect(await sync(house)).toBe(200);
      expect(chirpstack.there(euiOf(5))).toMatchObject({ appKey: appKey(5) });
    }));

  test('that refused it is told with its words to whoever manages, and to others with the reason alone', () =>
    inHouse(chirpStackEnv, async (house, ada) => {
      await house.registry.addDevice({ id: 'counter-6', profile: 'elsys/ers-ems', devEui: euiOf(6) });
      await house.registry.setLorawanKeys(deviceId('counter-6'), { appKey: appKey(6) });
      expect(await sync(house)).toBe(200);
      const seen = (await ada.get('/engineer/devices/counter-6')).text;
      expect(seen).toMatch(/Could not be registered in ChirpStack; it is tried again at \d/);
      expect(seen).toContain('device profile');
      const viewer = await signedIn(house, 'viewer');
      const other = (await viewer.get('/engineer/devices/counter-6')).text;
      expect(other).toContain('network-profile-missing');
      expect(other).not.toContain('device profile');
      expect((await viewer.get('/engineer/devices/counter-6/network')).status).toBe(403);
    }));
});
