import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { DefaultMessageIdProvider } from 'mqtt';
import { Invalid, Unavailable, type DeviceId } from '../../device-profiles/vocabulary/index.ts';

/** A message that the door has acknowledged, and under which packet id; undefined where a reconnect has blurred it. */
interface Sent {
  readonly packetId: number | undefined;
}

/** A device that is signed in at the MQTT door. */
export interface MqttDevice {
  /**
   * Resolves when the door has acknowledged (PUBACK): the message is on disk there. While the connection is down it
   * waits and is sent again. With `again` it is a redelivery, as if the acknowledgement had been lost: the same
   * packet id, and the DUP flag [MQTT-3.3.1-1]. @throws Unavailable (`door-closed`) after `close`.
   */
  send(body: Uint8Array, again?: Sent): Promise<Sent>;
  close(): Promise<void>;
}

/** A door on the same machine or in the same town answers well within this. */
const SIGN_IN_MS = 10_000;
/** Between attempts to connect, or to send what a lost connection gave back. */
const RETRY_MS = 1000;

/** Packet ids in turn, except for one that is asked for. */
class PacketIds extends DefaultMessageIdProvider {
  #wanted: number | undefined;

  /** The next message, which is handed over in the same turn of the event loop, gets this id. */
  want(packetId: number | undefined): void {
    this.#wanted = packetId;
  }

  override allocate(): number {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted ?? super.allocate();
  }
}

/**
 * Signs a device in: its user name and client id are its id, its password the token.
 * @throws Invalid (`sign-in-refused`) when the door does not know it, Unavailable (`door-closed`) when nobody answers.
 */
export const connectDevice = async (
  url: string,
  { id, token }: { readonly id: DeviceId; readonly token: string },
): Promise<MqttDevice> => {
  const packetIds = new PacketIds();
  const client = mqtt.connect(url, {
    clientId: id,
    username: id,
    password: token,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: RETRY_MS,
    connectTimeout: SIGN_IN_MS,
    messageIdProvider: packetIds,
  });
  await signedIn(client, url, id);
  const hungUp = new AbortController();
  return {
    send: async (body, again) => {
      while (!hungUp.signal.aborted) {
        try {
          packetIds.want(again?.packetId);
          const answer = await client.publishAsync(`devices/${id}/up`, Buffer.from(body), {
            qos: 1,
            dup: again !== undefined,
          });
          // The client answers with the message itself, as it was sent.
          return { packetId: answer?.messageId };
        } catch {
          // The connection went down and the client gave the message back: it is sent again when the door is open
          // again.
          await pause(RETRY_MS, undefined, { signal: hungUp.signal }).catch(() => undefined);
        }
      }
      throw new Unavailable('door-closed', `${id} has hung up`);
    },
    close: async () => {
      hungUp.abort();
      await client.endAsync(true);
    },
  };
};

/**
 * Waits for the door's word. From then on the client reconnects by itself and sends again what was not
 * acknowledged.
 */
const signedIn = async (client: mqtt.MqttClient, url: string, id: DeviceId): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once('connect', () => resolve());
  client.on('error', reject);
  client.once('close', () => reject(new Error('the connection was closed')));
  try {
    await promise;
  } catch (cause) {
    await client.endAsync(true);
    // 4 and 5: user name or password wrong, not authorised (MQTT 3.1.1, 3.2.2.3).
    if (cause instanceof mqtt.ErrorWithReasonCode && (cause.code === 4 || cause.code === 5))
      throw new Invalid('sign-in-refused', `${url} refuses ${id}: ${cause.message}`, { cause });
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const said = cause instanceof Error && cause.message !== '' ? cause.message : String(code);
    throw new Unavailable(
      'door-closed',
      `nobody takes messages at ${url}: ${said}; is the server running, and is this its MQTT port?`,
      { cause },
    );
  }
};
