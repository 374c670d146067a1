import type { Connector, Reception, Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { RouteHeard } from '../../infra/heard/contract.ts';

/** Doors that read from a broker of somebody else's. */
const brokers: ReadonlySet<Connector> = new Set(['external-mqtt', 'chirpstack-mqtt', 'tts-mqtt']);

/** The routes by which an uplink came: every gateway that heard it, or the box, broker or door that it came through. */
export const routesOf = ({ lorawan, via, connector, receivedAt: at }: Uplink): readonly RouteHeard[] => {
  if (lorawan !== undefined && lorawan.receptions.length > 0)
    return lorawan.receptions.map(({ gateway }) => ({ kind: 'lorawan-gateway', name: gateway, at }));
  if (via !== undefined) return [{ kind: 'gateway-device', name: via, at }];
  return [{ kind: brokers.has(connector) ? 'broker' : 'door', name: connector, at }];
};

/** The reception that was heard best: with the highest RSSI, of those that say one. */
export const bestOf = (receptions: readonly Reception[]): Reception | undefined =>
  receptions.reduce<Reception | undefined>(
    (best, each) => (best === undefined || (each.rssi ?? -Infinity) > (best.rssi ?? -Infinity) ? each : best),
    undefined,
  );
