import { devEui, deviceId, type DeviceRef, type QuarantineReason } from '../device-profiles/vocabulary/index.ts';
import type { Quarantined, Registry } from '../infra/registry/contract.ts';

/**
 * What of a device waits in the quarantine, newest first. Network servers name it by its DevEUI, others by its id: both
 * are the same device. A DevEUI that nobody registered may be given as well.
 * @throws Invalid `invalid-id`
 */
export const quarantinedOf = async (
  text: string,
  registry: Pick<Registry, 'device' | 'quarantined'>,
  query: { readonly limit: number; readonly before?: number; readonly reason?: QuarantineReason },
): Promise<readonly Quarantined[]> => {
  const found: Quarantined[] = [];
  for (const device of refsOf(text, registry)) found.push(...(await registry.quarantined({ ...query, device })));
  return found.toSorted((a, b) => b.id - a.id).slice(0, query.limit);
};

const refsOf = (text: string, registry: Pick<Registry, 'device'>): readonly DeviceRef[] => {
  const byId = { by: 'id', value: deviceId(text) } as const;
  const eui = registry.device(byId)?.devEui ?? (/^[0-9a-f]{16}$/i.test(text) ? devEui(text) : undefined);
  return eui === undefined ? [byId] : [byId, { by: 'devEui', value: eui }];
};
