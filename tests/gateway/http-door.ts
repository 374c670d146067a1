import { onTestFinished } from 'vitest';
import { uplinkRoutes } from '../../gateway/http/uplinks.ts';
import { openHttp } from '../../infra/http/server.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import { openGround, type Ground, type Sensor } from './ground.ts';

/** A server with nothing but the HTTP door. */
export interface Door extends Ground {
  readonly port: number;
  post(
    path: string,
    init: {
      readonly sensor?: Sensor;
      readonly headers?: Record<string, string>;
      readonly body?: string | Uint8Array<ArrayBuffer>;
    },
  ): Promise<Response>;
}

/** Basic authentication as that sensor. */
export const basic = ({ id, token }: Sensor): string => `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`;

export const openDoor = async (changed: (journal: Journal) => Journal = (journal) => journal): Promise<Door> => {
  const ground = await openGround();
  const http = openHttp({ log: ground.log });
  await http.register(uplinkRoutes({ ...ground, journal: changed(ground.journal), config: ground.config() }));
  await http.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => http.close());
  const address = http.server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    ...ground,
    port,
    post: (path, { sensor, headers = {}, body }) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(sensor === undefined ? {} : { authorization: basic(sensor) }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      }),
  };
};

export const uplinks = '/api/v1/uplinks';
export const airrohr = '/api/v1/airrohr';
