import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { generate } from 'mqtt-packet';
import { onTestFinished } from 'vitest';

/** The number of the UNSUBSCRIBE that is slipped in; the client's own are small. */
const PACKET_ID = 65_000;

/**
 * A way to a real broker on which a subscription can get lost: what passes is left as it is, and `forget` tells the
 * broker in the client's name to drop one, and waits until it has. The client's own library takes no notice of the answer.
 */
export const openForgetfulWay = async (
  port: number,
  protocolVersion: 4 | 5,
): Promise<{ readonly url: string; readonly forget: (filter: string) => Promise<void> }> => {
  const open = new Set<ReturnType<typeof connect>>();
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1');
    open.add(broker);
    client.on('error', () => {});
    broker.on('error', () => {});
    client.pipe(broker);
    broker.pipe(client);
    client.on('close', () => broker.destroy());
    broker.on('close', () => {
      open.delete(broker);
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const broker of open) broker.destroy();
    server.close();
  });
  const address = server.address() as AddressInfo;
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    forget: async (filter) => {
      const packet = generate(
        { cmd: 'unsubscribe', messageId: PACKET_ID, unsubscriptions: [filter] },
        { protocolVersion },
      );
      for (const broker of open) {
        const forgotten = new Promise<void>((resolve) => {
          const look = (bytes: Buffer): void => {
            if (!answers(bytes)) return;
            broker.off('data', look);
            resolve();
          };
          broker.on('data', look);
        });
        broker.write(packet);
        await forgotten;
      }
    },
  };
};

/** Whether an UNSUBACK for that number is among what the broker sent (MQTT 3.1.1, 3.11). */
const answers = (bytes: Buffer): boolean => {
  for (let at = bytes.indexOf(0xb0); at >= 0; at = bytes.indexOf(0xb0, at + 1))
    if (at + 4 <= bytes.length && bytes.readUInt16BE(at + 2) === PACKET_ID) return true;
  return false;
};
