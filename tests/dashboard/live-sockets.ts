import { io, type Socket } from 'socket.io-client';
import { deviceId, instant, measured, siteId, type Judged } from '../../device-profiles/vocabulary/index.ts';
import type { LiveEvent } from '../../infra/live/contract.ts';
import { openHouse, type House } from './house.ts';

export type Tree = Record<string, unknown>;
export const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** A house with a sensor, aq-1 and aq-2, at each of two sites in two boroughs: a6 and a56. */
export const openTwoSites = async (): Promise<House> => {
  const house = await openHouse();
  await house.registry.addSite({ id: 'a6', borough: 'stockport', latitude: 53.4, longitude: -2.15 });
  await house.registry.addSite({ id: 'a56', borough: 'trafford', latitude: 53.45, longitude: -2.3 });
  for (const [id, site] of [
    ['aq-1', 'a6'],
    ['aq-2', 'a56'],
  ] as const)
    await house.registry.addDevice({ id, profile: 'kerbside/canonical', site });
  return house;
};

/** What the event brought with it. */
export const next = (socket: Socket, event: 'connect' | 'connect_error' | 'disconnect'): Promise<unknown> =>
  new Promise((resolve) => void socket.once(event, resolve));

/** Sockets to the live events of a house, with the key of a viewer unless another is given; `done` closes them. */
export const openSockets = (house: () => House) => {
  const open: Socket[] = [];
  const connect = (options: Parameters<typeof io>[1] = {}): Socket => {
    const socket = io(`${house().url}/live`, {
      transports: ['websocket'],
      auth: { key: house().keys.viewer },
      reconnection: false,
      forceNew: true,
      ...options,
    });
    open.push(socket);
    return socket;
  };
  return {
    /** Resolves when it is let in. @throws the refusal. */
    async joined(options?: Parameters<typeof io>[1]): Promise<Socket> {
      const socket = connect(options);
      const refusal = await Promise.race([next(socket, 'connect'), next(socket, 'connect_error')]);
      if (refusal instanceof Error) throw refusal;
      return socket;
    },
    done(): void {
      for (const socket of open.splice(0)) socket.disconnect();
    },
  };
};

/** An event as a socket was told it. */
export interface Heard {
  readonly name: string;
  readonly payload: Tree;
}

/** Everything that a socket is told, in order. */
export const ears = (socket: Socket): Heard[] => {
  const heard: Heard[] = [];
  socket.onAny((name: string, payload: unknown) => heard.push({ name, payload: isTree(payload) ? payload : {} }));
  return heard;
};
export const watch = async (socket: Socket, asked: object = {}): Promise<Tree> => {
  const answer: unknown = await socket.emitWithAck('watch', asked);
  return isTree(answer) ? answer : {};
};
export const judged = (quantity: 'no2' | 'pm2_5', value: number): Judged => ({
  quantity,
  value: measured(value),
  raw: value,
  flag: 1,
});
let minute = 0;
export const reading = (device: 'aq-1' | 'aq-2', ...observations: Judged[]): LiveEvent => {
  minute += 1;
  const at = instant(Date.parse('2026-01-15T12:00:00Z') + minute * 60_000);
  return {
    kind: 'reading',
    reading: {
      device: deviceId(device),
      site: siteId(device === 'aq-1' ? 'a6' : 'a56'),
      borough: null,
      time: at,
      receivedAt: at,
      observations,
    },
  };
};
export const values = (heard: readonly Heard[]): unknown[] =>
  heard.filter(({ name }) => name === 'observation').map(({ payload }) => payload['value']);
