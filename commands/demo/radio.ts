import type { DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { httpDevice, type Answer } from '../senders/http-device.ts';
import { connectDevice } from '../senders/mqtt-device.ts';
import { kindOf, type Sensor } from './network.ts';
import type { Transmission } from './outbox.ts';

/** A sensor's way to the server: real sockets to the real doors. */
export interface Radio {
  readonly sensor: Sensor;
  /** Delivers, twice where that is played. Answers how it went; throws while nobody can take it. */
  deliver(transmission: Transmission): Promise<{ readonly outcome: Answer; readonly copies: number }>;
  close(): Promise<void>;
}

/** Where the doors are. */
export interface Doors {
  /** `mqtt://host:port` */
  readonly mqtt: string;
  /** `http://host:port` */
  readonly http: string;
}

const paths = { http: '/api/v1/uplinks', airrohr: '/api/v1/airrohr' } as const;

/** Opens the way of one sensor. */
export const openRadio = async (sensor: Sensor, token: string, doors: Doors): Promise<Radio> => {
  const { door } = kindOf(sensor);
  const credentials: { id: DeviceId; token: string } = { id: sensor.id, token };
  if (door === 'mqtt') {
    const device = await connectDevice(doors.mqtt, credentials);
    return {
      sensor,
      deliver: async ({ body, twice }) => {
        const sent = await device.send(body);
        if (twice) await device.send(body, sent);
        return { outcome: 'accepted', copies: twice ? 2 : 1 };
      },
      close: () => device.close(),
    };
  }
  const device = httpDevice(new URL(paths[door], doors.http), credentials);
  return {
    sensor,
    deliver: async ({ body, twice }) => {
      const outcome = await device.send(body);
      if (twice) await device.send(body);
      return { outcome, copies: twice ? 2 : 1 };
    },
    close: async () => undefined,
  };
};
