import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { generate } from 'mqtt-packet';
import { onTestFinished } from 'vitest';

/**
 * A way to a real broker on which a subscription can get lost: what passes is left as it is, and `forget` tells the
 * broker in the client's name to drop one. The client's own library takes no notice of the answer.
 */
export const openForgetfulWay = async (
  port: number,
  protocolVersion: 4 | 5,
): Promise<{ readonly url: string; readonly forget: (filter: string) => void }> => {
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
    forget: (filter) => {
      const packet = generate({ cmd: 'unsubscribe', messageId: 65_000, unsubscriptions: [filter] }, { protocolVersion });
      for (const broker of open) broker.write(packet);
    },
  };
};
