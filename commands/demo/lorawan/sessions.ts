import { randomBytes } from 'node:crypto';
import { Type, type Static } from 'typebox';
import type { Registry } from '../../../infra/registry/contract.ts';
import { draw } from '../random.ts';
import { radioKindOf, radioSensors, type RadioSensor } from './network.ts';
import type { DeviceSession } from './signer.ts';

const Key = Type.String({ pattern: '^[0-9a-f]{32}$' });

/** What the demo keeps of its LoRaWAN devices between two runs: when their counters were 0, and their keys. */
export const RadioState = Type.Object(
  {
    begunMs: Type.Integer({ minimum: 0 }),
    /** The key with which the simulated Things Stack signs in. */
    networkKey: Type.String({ minLength: 1 }),
    devices: Type.Array(
      Type.Object(
        { device: Type.String(), devAddr: Type.String({ pattern: '^[0-9a-f]{8}$' }), nwkSKey: Key, appSKey: Key },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type RadioState = Static<typeof RadioState>;

/**
 * Sessions are made anew at a start when they are older: counters go by the time, and one that had gone on for longer
 * unheard could not be told any more from another's (their upper half is not on the air).
 */
const RENEWED_AFTER_MS = 90 * 86_400_000;

/** Sessions of all devices: those of before while they last. */
export const radioStateAfter = (
  before: RadioState | undefined,
  { nowMs, networkKey }: { readonly nowMs: number; readonly networkKey: string },
): RadioState => {
  const goesOn = before !== undefined && nowMs >= before.begunMs && nowMs - before.begunMs < RENEWED_AFTER_MS;
  const begunMs = goesOn ? before.begunMs : nowMs;
  const known = new Map(goesOn ? before.devices.map((one) => [one.device, one]) : []);
  const devices = radioSensors.map(
    (sensor) =>
      known.get(sensor.id) ?? {
        device: sensor.id,
        devAddr: addressOf(sensor, begunMs),
        nwkSKey: randomBytes(16).toString('hex'),
        appSKey: randomBytes(16).toString('hex'),
      },
  );
  return { begunMs, networkKey, devices };
};

/** NetID 0, which is for private networks: seven bits of type and network, 25 that are free. New in each session. */
const addressOf = ({ id }: RadioSensor, begunMs: number): string =>
  Math.floor(draw(0, `address:${id}:${begunMs}`) * 0x2000000)
    .toString(16)
    .padStart(8, '0');

export const sessionsOf = ({ devices }: Pick<RadioState, 'devices'>): ReadonlyMap<string, DeviceSession> =>
  new Map(devices.map(({ device, devAddr, nwkSKey, appSKey }) => [device, { devAddr, nwkSKey, appSKey }]));

/** Tells the registry the keys of those devices whose frames come straight from gateways, where it has others. */
export const tellKeys = async (
  registry: Pick<Registry, 'abpSessions' | 'setLorawanKeys'>,
  state: RadioState,
): Promise<void> => {
  const held = new Map(
    registry.abpSessions().map(({ device, devAddr, nwkSKey, appSKey }) => {
      const session = { devAddr, nwkSKey: hex(nwkSKey), appSKey: hex(appSKey) };
      return [device, said(session)];
    }),
  );
  const sessions = sessionsOf(state);
  for (const sensor of radioSensors.filter((one) => radioKindOf(one).door === 'semtech-udp')) {
    const session = sessions.get(sensor.id);
    if (session === undefined || held.get(sensor.id) === said(session)) continue;
    await registry.setLorawanKeys(sensor.id, session);
  }
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const said = ({ devAddr, nwkSKey, appSKey }: DeviceSession): string => `${devAddr} ${nwkSKey} ${appSKey}`;
