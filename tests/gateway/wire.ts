import { connect as connectTcp, type Socket } from 'node:net';
import { once } from 'node:events';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';
import { onTestFinished } from 'vitest';

/** A client that says exactly what a test wants, byte by byte. */
export interface Wire {
  readonly socket: Socket;
  send(packet: Packet | Buffer): void;
  /** The next packet from the server. @throws Error when none comes in time, or the connection closes first. */
  next(withinMs?: number): Promise<Packet>;
  /** The packets that came and were not asked for yet. */
  readonly waiting: readonly Packet[];
  /** Resolves when the server has closed the connection. @throws Error when it does not in time. */
  closed(withinMs?: number): Promise<void>;
  end(): void;
}

export const openWire = async (port: number): Promise<Wire> => {
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  const waiting: Packet[] = [];
  const listeners = new Set<() => void>();
  const reader = parser({ protocolVersion: 4 });
  reader.on('packet', (packet) => {
    waiting.push(packet);
    for (const listener of listeners) listener();
  });
  socket.on('data', (chunk) => void reader.parse(chunk));
  socket.on('close', () => {
    for (const listener of listeners) listener();
  });
  const until = <T>(look: () => T | undefined, what: string, withinMs: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        listeners.delete(check);
        settle();
      };
      const check = (): void => {
        const found = look();
        if (found !== undefined) done(() => resolve(found));
        else if (socket.closed) done(() => reject(new Error(`the connection closed before ${what}`)));
      };
      const timer = setTimeout(() => done(() => reject(new Error(`${what}: not within ${withinMs} ms`))), withinMs);
      listeners.add(check);
      check();
    });
  return {
    socket,
    waiting,
    send: (packet) => void socket.write('cmd' in packet ? generate(packet) : packet),
    next: (withinMs = 5_000) => until(() => waiting.shift(), 'a packet came', withinMs),
    closed: async (withinMs = 5_000) => {
      await until(() => (socket.closed ? true : undefined), 'the connection was closed', withinMs);
    },
    end: () => void socket.destroy(),
  };
};

export const connectPacket = (fields: Partial<IConnectPacket> & { readonly clientId: string }): IConnectPacket => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 0,
  ...fields,
});

/** A connection that is signed in. @throws Error when it is refused. */
export const signIn = async (
  port: number,
  { id, token }: { readonly id: string; readonly token: string },
  fields: Partial<IConnectPacket> = {},
): Promise<Wire> => {
  const wire = await openWire(port);
  wire.send(connectPacket({ clientId: id, username: id, password: Buffer.from(token), ...fields }));
  const connack = await wire.next();
  if (connack.cmd !== 'connack' || connack.returnCode !== 0) throw new Error(`refused: ${JSON.stringify(connack)}`);
  return wire;
};

/** What a CONNECT is answered: its return code, or `closed` when there is no answer. */
export const answerTo = async (port: number, packet: IConnectPacket | Buffer): Promise<number | 'closed'> => {
  const wire = await openWire(port);
  wire.send(packet);
  try {
    const answer = await wire.next();
    return answer.cmd === 'connack' ? (answer.returnCode ?? answer.reasonCode ?? -1) : -1;
  } catch {
    await wire.closed();
    return 'closed';
  } finally {
    wire.end();
  }
};

export const publish = (
  topic: string,
  payload: string | Buffer,
  {
    messageId = 1,
    qos = 1,
    dup = false,
    retain = false,
  }: { messageId?: number; qos?: 0 | 1 | 2; dup?: boolean; retain?: boolean } = {},
): Packet => ({
  cmd: 'publish',
  topic,
  payload,
  qos,
  dup,
  retain,
  ...(qos === 0 ? {} : { messageId }),
});
