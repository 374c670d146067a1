import mqtt, { type MqttClient } from 'mqtt';
import { expect, onTestFinished, vi } from 'vitest';
import { chirpstackRoute } from '../../../gateway/lorawan/chirpstack/http.ts';
import { openChirpstackMqtt } from '../../../gateway/lorawan/chirpstack/mqtt.ts';
import type { Json } from '../../../gateway/lorawan/json.ts';
import type { Source, SourceSettings } from '../../../gateway/mqtt/source.ts';
import { openHttp } from '../../../infra/http/server.ts';
import type { Journal } from '../../../infra/journal/contract.ts';
import type { RadioNews } from '../../../infra/radio/contract.ts';
import { openGround, type Ground } from '../../gateway/ground.ts';
import { startMosquitto } from '../../servers/index.ts';
import type { MosquittoServer } from '../../servers/mosquitto.ts';
import { vectors } from './vectors.ts';

export const patiently = { timeout: 15_000, interval: 20 };

/** Kerbside's parts behind the two doors of ChirpStack, and what was told of the radio network. */
export interface Street extends Ground {
  readonly told: RadioNews[];
}

export const openStreet = async (): Promise<Street> => ({ ...(await openGround()), told: [] });

/** A broker as ChirpStack and its gateways have it. */
export interface Network {
  readonly mosquitto: MosquittoServer;
  readonly publisher: MqttClient;
  event(
    kind: string,
    body: Uint8Array | Json,
    options?: { readonly qos?: 0 | 1; readonly eui?: string },
  ): Promise<unknown>;
}

export const openNetwork = async (): Promise<Network> => {
  const mosquitto = await startMosquitto();
  onTestFinished(() => mosquitto.stop());
  const publisher = mqtt.connect(mosquitto.url, { protocolVersion: 5, reconnectPeriod: 100 });
  publisher.on('error', () => {});
  onTestFinished(() => publisher.endAsync(true));
  return {
    mosquitto,
    publisher,
    event: (kind, body, { qos = 1, eui = '0101010101010101' } = {}) =>
      publisher.publishAsync(
        `application/17c82e96-be03-4f38-aef3-f83d48582d97/device/${eui}/event/${kind}`,
        body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
        { qos },
      ),
  };
};

export const openMqtt = async (
  street: Street,
  url: string,
  {
    settings = {},
    changed = (journal) => journal,
    ...how
  }: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly changed?: (journal: Journal) => Journal;
  } & Pick<SourceSettings, 'renewMs'> = {},
): Promise<Source> => {
  const door = openChirpstackMqtt(
    {
      ...street,
      journal: changed(street.journal),
      radio: { tell: (news) => void street.told.push(news) },
      config: street.config({ KERBSIDE_CHIRPSTACK_MQTT_URL: url, ...settings }),
    },
    how,
  );
  onTestFinished(() => door.close());
  await vi.waitFor(() => expect(door.subscribed).toBe(true), patiently);
  return door;
};

/** Where ChirpStack would call; it sends the key that it is given. */
export const openHook = async (
  street: Street,
  changed: (journal: Journal) => Journal = (journal) => journal,
): Promise<{
  readonly key: string;
  readonly post: (
    event: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
}> => {
  const http = openHttp({ log: street.log });
  const radio = { tell: (news: RadioNews) => void street.told.push(news) };
  await http.register(chirpstackRoute({ ...street, journal: changed(street.journal), radio, config: street.config() }));
  await http.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => http.close());
  const address = http.server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const { secret } = await street.registry.createKey({ name: 'chirpstack', role: 'network-server' });
  return {
    key: secret,
    post: (event, body, headers = { 'kerbside-key': secret }) =>
      fetch(`http://127.0.0.1:${port}/api/v1/integrations/chirpstack${event === '' ? '' : `?event=${event}`}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }),
  };
};

/** The event of a vector, changed. */
export const event = (name: string, changes: Json = {}): Json => {
  const vector = vectors.find((each) => each.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return { ...vector.event, ...changes };
};
