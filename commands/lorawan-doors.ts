import type { Connector } from '../device-profiles/vocabulary/index.ts';
import { chirpstackRoute } from '../gateway/lorawan/chirpstack/http.ts';
import { openChirpstackMqtt } from '../gateway/lorawan/chirpstack/mqtt.ts';
import { integrationRoutes } from '../gateway/lorawan/network-server/http.ts';
import { openCounters } from '../gateway/lorawan/phy/counters.ts';
import { openSemtechDoor, type SemtechDoor } from '../gateway/lorawan/semtech-udp/listener.ts';
import { openThingsStack } from '../gateway/lorawan/things-stack/door.ts';
import type { WebhookParts } from '../gateway/lorawan/webhook.ts';
import type { DataFolder } from '../infra/data-folder.ts';
import type { Http } from '../infra/http/server.ts';
import { openIntegrations } from './integration-news.ts';

/** The doors of LoRaWAN that are open. */
export interface LorawanDoors {
  /** `udp://host:port`; undefined where `lorawan.udpPort` is 0. */
  readonly udpUrl: string | undefined;
  /** Whether the broker of that door delivers to us now; undefined where it reads from none. */
  brokerUp(door: Connector): boolean | undefined;
  /** Begins to read from networks that have kept something for us: once our own doors stand open. */
  fetch(): void;
  /** In the opposite order of opening. */
  close(): Promise<void>;
}

/**
 * Opens a door for each way in which a LoRaWAN network can reach us: calls of ChirpStack, The Things Stack and other
 * network servers always, whose keys decide; brokers and gateways where the configuration names them.
 */
export const openLorawanDoors = async ({
  http,
  folder,
  ...parts
}: WebhookParts & {
  readonly http: Http;
  readonly folder: DataFolder;
}): Promise<LorawanDoors> => {
  const { config } = parts;
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const door of opened.splice(0).reverse()) await door.close();
  };
  try {
    await http.register(chirpstackRoute(parts));
    await http.register(
      integrationRoutes({ ...parts, integrations: await openIntegrations(folder.integrations, parts) }),
    );
    const thingsStack = openThingsStack(parts, { mark: folder.thingsStackMark });
    opened.push(thingsStack);
    await http.register(thingsStack.routes);
    const chirpstack = config.chirpstack.mqttUrl === undefined ? undefined : openChirpstackMqtt(parts);
    if (chirpstack !== undefined) opened.push(chirpstack);
    const gateways = config.lorawan.udpPort === 0 ? undefined : await openGateways(parts, opened);
    const brokerUp = (door: Connector): boolean | undefined =>
      door === 'chirpstack-mqtt' ? chirpstack?.subscribed : door === 'tts-mqtt' ? thingsStack.subscribed : undefined;
    return { udpUrl: gateways?.url, brokerUp, fetch: () => thingsStack.open(), close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** The counters are closed after the door that counts. */
const openGateways = async (parts: WebhookParts, opened: { close(): Promise<void> }[]): Promise<SemtechDoor> => {
  const counters = await openCounters(parts);
  opened.push(counters);
  const { lastFrame, taken } = counters;
  const door = await openSemtechDoor({ ...parts, sessions: () => parts.registry.abpSessions(), lastFrame, taken });
  opened.push(door);
  return door;
};
