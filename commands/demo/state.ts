import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Conflict } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { enrol, type Enrolment } from '../senders/enrol.ts';
import { privateFile, type PrivateFile } from '../senders/private-file.ts';
import { kindOf, sensors } from './network.ts';
import { ensureRules } from './rules.ts';

const schema = Type.Object(
  {
    /** Up to when everything was sent; milliseconds. Absent before the first message. */
    until: Type.Optional(Type.Integer({ minimum: 0 })),
    partnerKey: Type.String({ minLength: 1 }),
    tokens: Type.Array(Type.Object({ device: Type.String(), token: Type.String() }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);

/** What the demo keeps between two runs, beside the server's own data. */
export type DemoState = Static<typeof schema>;

export const demoFile = (dataDir: string): PrivateFile<DemoState> => privateFile(join(dataDir, 'demo.json'), schema);

const enrolments: readonly Enrolment[] = sensors.map((sensor) => ({
  device: { id: sensor.id, profile: kindOf(sensor).profile, name: sensor.name },
  site: {
    id: sensor.place.id,
    name: sensor.place.name,
    street: sensor.place.street,
    asset: sensor.place.asset,
    latitude: sensor.place.latitude,
    longitude: sensor.place.longitude,
    borough: 'stockport',
    ward: sensor.place.ward,
  },
}));

/**
 * Registers the street network, the rules and a partner's read key; whatever is there from an earlier run is used
 * again.
 * @throws Conflict (`data-not-demo`) when the data folder belongs to a real installation: simulated sensors have no
 * place there.
 */
export const prepare = async (registry: Registry, file: PrivateFile<DemoState>): Promise<DemoState> => {
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
  const kept =
    before !== undefined && registry.authenticateKey(before.partnerKey) !== undefined ? before.partnerKey : undefined;
  const partnerKey = kept ?? (await registry.createKey({ name: 'Demo partner', role: 'partner' })).secret;
  await ensureRules(registry);
  const state: DemoState = {
    ...(before?.until === undefined ? {} : { until: before.until }),
    partnerKey,
    tokens: [...tokens].map(([device, token]) => ({ device, token })),
  };
  file.write(state);
  return state;
};
