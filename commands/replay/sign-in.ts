import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Type } from 'typebox';
import { Conflict, Invalid, NotFound, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { FOLLOW_MS } from '../../infra/registry/contract.ts';
import { enrol, type Enrolled, type Enrolment } from '../senders/enrol.ts';
import { connectDevice, type MqttDevice } from '../senders/mqtt-device.ts';
import { privateFile } from '../senders/private-file.ts';
import { withRegistry } from '../with-registry.ts';
import type { ReplayMap } from './map.ts';

const tokenFile = Type.Record(Type.String(), Type.String());

/** Tokens of a server elsewhere, as `{"device": "token"}`. @throws NotFound, Conflict (`token-unknown`). */
export const tokensFrom = (file: string, map: ReplayMap): Enrolled => {
  const known = privateFile(file, tokenFile).read();
  if (known === undefined) throw new NotFound('tokens-unknown', `there is no file ${file}`);
  const byId = new Map(Object.entries(known));
  const tokens = new Map(
    map.devices.map(({ id }) => {
      const token = byId.get(id);
      if (token === undefined) throw new Conflict('token-unknown', `${file} has no token of ${id}`);
      return [id, token] as const;
    }),
  );
  return { tokens, added: 0 };
};

/**
 * Registers the map's devices in the data folder, where they are missing; it works while the server runs. Their
 * tokens are kept in `replay.json` there for the next time. @throws Invalid (`profile-unknown`), Conflict
 * (`profile-differs`, `token-unknown`).
 */
export const register = (map: ReplayMap, dataDir: string): Promise<Enrolled> =>
  withRegistry(async (registry) => {
    for (const { id, profile } of map.devices) {
      const known = registry.device({ by: 'id', value: id });
      if (known !== undefined && known.profile !== profile)
        throw new Conflict(
          'profile-differs',
          `${id} is registered with the profile ${known.profile}, and the map says ${profile}`,
        );
    }
    const file = privateFile(join(dataDir, 'replay.json'), tokenFile);
    const known = new Map(Object.entries(file.read() ?? {}));
    const wanted: readonly Enrolment[] = map.devices.map(({ id, profile, name, site }) => ({
      device: { id, profile, name },
      site,
    }));
    const enrolled = await enrol(registry, wanted, { known, renew: false });
    if (enrolled.added > 0) file.write(Object.fromEntries([...known, ...enrolled.tokens]));
    return enrolled;
  });

/**
 * How often a device that was registered a moment ago knocks, at intervals of what a running server takes to see
 * it.
 */
const KNOCKS = 6;

/**
 * Signs every device in. A server that runs sees a new device within `FOLLOW_MS`: a refusal before that is not its
 * last word.
 */
export const signIn = async ({ tokens, added }: Enrolled, url: string): Promise<ReadonlyMap<DeviceId, MqttDevice>> => {
  const devices = new Map<DeviceId, MqttDevice>();
  try {
    for (const [id, token] of tokens) devices.set(id, await knock(url, { id, token, knocks: added > 0 ? KNOCKS : 1 }));
  } catch (error) {
    for (const device of devices.values()) await device.close();
    throw error;
  }
  return devices;
};

const knock = async (
  url: string,
  { id, token, knocks }: { readonly id: DeviceId; readonly token: string; readonly knocks: number },
): Promise<MqttDevice> => {
  try {
    return await connectDevice(url, { id, token });
  } catch (error) {
    if (knocks <= 1 || !(error instanceof Invalid)) throw error;
  }
  await pause(FOLLOW_MS);
  return knock(url, { id, token, knocks: knocks - 1 });
};
