import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Conflict, systemClock } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { enrol, type Enrolment } from '../senders/enrol.ts';
import { privateFile, type PrivateFile } from '../senders/private-file.ts';
import { radioKindOf, radioSensors } from './lorawan/network.ts';
import { RadioState, radioStateAfter, tellKeys } from './lorawan/sessions.ts';
import { kindOf, sensors, type Place } from './network.ts';
import { ensureRules } from './rules.ts';
import { ensureWarm } from './warm.ts';

const schema = Type.Object(
  {
    /** Up to when everything was sent; milliseconds. Absent before the first message. */
    until: Type.Optional(Type.Integer({ minimum: 0 })),
    partnerKey: Type.String({ minLength: 1 }),
    tokens: Type.Array(Type.Object({ device: Type.String(), token: Type.String() }, { additionalProperties: false })),
    /** Absent in the file of a demo that had no LoRaWAN sensors. */
    lorawan: Type.Optional(RadioState),
  },
  { additionalProperties: false },
);

/** What the demo keeps between two runs, beside the server's own data. */
type Kept = Static<typeof schema>;
/** The same, once all is there. */
export type DemoState = Kept & { readonly lorawan: RadioState };

export const demoFile = (dataDir: string): PrivateFile<Kept> => privateFile(join(dataDir, 'demo.json'), schema);

const siteOf = (place: Place): Enrolment['site'] => ({
  id: place.id,
  name: place.name,
  street: place.street,
  asset: place.asset,
  latitude: place.latitude,
  longitude: place.longitude,
  borough: 'stockport',
  ward: place.ward,
});
const enrolments: readonly Enrolment[] = [
  ...sensors.map((sensor) => ({
    device: { id: sensor.id, profile: kindOf(sensor).profile, name: sensor.name },
    site: siteOf(sensor.place),
  })),
  ...radioSensors.map((sensor) => ({
    device: { id: sensor.id, devEui: sensor.devEui, profile: radioKindOf(sensor).profile, name: sensor.name },
    site: siteOf(sensor.place),
  })),
];

/**
 * Registers the street network, the rules, a partner's read key and the key of a network server; whatever is there from
 * an earlier run is used again.
 * @throws Conflict (`data-not-demo`) when the data folder belongs to a real installation: simulated sensors have no
 * place there.
 */
export const prepare = async (registry: Registry, file: PrivateFile<Kept>): Promise<DemoState> => {
  const before = file.read();
  const strangers = registry.devices().filter(({ id }) => !id.startsWith('demo-')).length;
  if (before === undefined && strangers > 0) {
    throw new Conflict(
      'data-not-demo',
      `the data folder of ${file.path} has ${strangers} devices that are not the demo's; give the demo a folder of its own with KERBSIDE_DATA_DIR`,
    );
  }
  const known = new Map(before?.tokens.map(({ device, token }) => [device, token]));
  const { tokens } = await enrol(registry, enrolments, { known, renew: true });
  const keyOf = async (kept: string | undefined, name: string, role: 'partner' | 'network-server'): Promise<string> =>
    kept !== undefined && registry.authenticateKey(kept) !== undefined
      ? kept
      : (await registry.createKey({ name, role })).secret;
  const partnerKey = await keyOf(before?.partnerKey, 'Demo partner', 'partner');
  const networkKey = await keyOf(before?.lorawan?.networkKey, 'Demo Things Stack', 'network-server');
  const lorawan = radioStateAfter(before?.lorawan, { nowMs: systemClock.now(), networkKey });
  await tellKeys(registry, lorawan);
  await ensureRules(registry);
  await ensureWarm(registry);
  const state: DemoState = {
    ...(before?.until === undefined ? {} : { until: before.until }),
    partnerKey,
    tokens: [...tokens].map(([device, token]) => ({ device, token })),
    lorawan,
  };
  file.write(state);
  return state;
};
