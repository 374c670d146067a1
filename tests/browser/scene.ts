import {
  deviceId,
  instant,
  uplinkId,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type Judged,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { measured } from '../../device-profiles/vocabulary/index.ts';
import type { RadioBook } from '../../infra/radio/book.ts';
import type { HeardDevice } from '../../infra/heard/contract.ts';
import type { Registry, Site } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';

/** A small town in each state that a page can show, with a day of history. */

export const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

interface Place {
  readonly id: string;
  readonly name: string;
  readonly street?: string;
  readonly asset?: string;
  readonly borough?: string;
  readonly ward?: string;
  /** Minutes since the last message; undefined: never a word. */
  readonly heardMinutesAgo?: number;
  readonly footfall?: boolean;
  readonly suspect?: boolean;
  /** The edge box that forwards for it; unless given it speaks for itself. */
  readonly box?: string;
  readonly maintenance?: boolean;
  /** Latitude and longitude. */
  readonly at?: readonly [number, number];
}

export const places: readonly Place[] = [
  {
    id: 'wrs-14',
    name: 'Wellington Road South, column 14',
    street: 'Wellington Road South',
    asset: 'Column 14',
    borough: 'stockport',
    heardMinutesAgo: 2,
    at: [53.4041, -2.1589],
  },
  {
    id: 'merseyway',
    name: 'Merseyway precinct',
    street: 'Merseyway',
    borough: 'stockport',
    heardMinutesAgo: 4,
    at: [53.4108, -2.159],
    footfall: true,
  },
  {
    id: 'hazel-grove',
    name: 'Hazel Grove, A6',
    street: 'London Road',
    borough: 'stockport',
    heardMinutesAgo: 45,
    at: [53.3766, -2.1109],
  },
  {
    id: 'edgeley',
    name: 'Edgeley, Castle Street',
    street: 'Castle Street',
    asset: 'Column 3',
    borough: 'stockport',
    heardMinutesAgo: 60 * 30,
    at: [53.4033, -2.1695],
    box: 'box-3',
  },
  {
    id: 'edgeley-bridge',
    name: 'Edgeley, railway bridge',
    borough: 'stockport',
    heardMinutesAgo: 60 * 30 + 5,
    box: 'box-3',
  },
  {
    id: 'portwood',
    name: 'Portwood roundabout',
    borough: 'stockport',
    heardMinutesAgo: 200,
    maintenance: true,
    at: [53.4131, -2.1496],
  },
  { id: 'bredbury', name: 'Bredbury interchange', borough: 'stockport', at: [53.4239, -2.1136] },
  {
    id: 'heaton-moor',
    name: 'Heaton Moor Road',
    borough: 'stockport',
    heardMinutesAgo: 1,
    suspect: true,
    at: [53.4187, -2.1858],
  },
  { id: 'no-name', name: '' },
  { id: 'hostile', name: HOSTILE, street: HOSTILE, heardMinutesAgo: 3, at: [53.396, -2.21] },
  ...Array.from({ length: 6 }, (_, i) => ({
    id: `cheadle-${i + 1}`,
    name: `Cheadle High Street ${i + 1}`,
    borough: 'stockport',
    heardMinutesAgo: i,
    ward: 'Cheadle East & Cheadle Hulme North',
    at: [53.394 + i / 1000, -2.215 + i / 400] as const,
  })),
];

const MINUTE = 60_000;
const judged = (quantity: QuantityId, value: number, extra: Partial<Judged> = {}): Judged => ({
  quantity,
  value: measured(Math.round(value * 10) / 10),
  raw: value,
  flag: 1,
  ...extra,
});

const airAt = (minute: number, suspect: boolean): Judged[] => {
  const rush = Math.exp(-(((minute / 60 - 8.3) / 1.8) ** 2)) + 0.8 * Math.exp(-(((minute / 60 - 17.4) / 2) ** 2));
  return [
    judged('pm2_5', 6 + 9 * rush + Math.sin(minute)),
    judged('pm10', 11 + 15 * rush + Math.sin(minute * 1.3)),
    judged('no2', 18 + 40 * rush + 2 * Math.sin(minute * 0.7)),
    judged('o3', 52 - 22 * rush),
    judged('laeq', 54 + 11 * rush + Math.sin(minute * 3)),
    suspect
      ? judged('temperature', 68.9, { flag: 3, reason: 'gross-range' })
      : judged('temperature', 9 + 4 * Math.sin((minute - 540) / 230)),
    { quantity: 'so2', value: { kind: 'absent', reason: 'warming-up' }, raw: null, flag: 9, reason: 'warming-up' },
    judged('battery_voltage', 3.61),
  ];
};
const peopleAt = (minute: number): Judged[] => {
  const open = minute > 7 * 60 && minute < 20 * 60 ? Math.sin(((minute - 420) / 780) * Math.PI) : 0;
  return [
    judged('footfall_in', Math.round(84 * open)),
    judged('footfall_out', Math.round(79 * open)),
    judged('battery_level', 87),
  ];
};

/** Registers the town and writes its last day. */
export const furnish = async (
  { registry, timeseries }: { readonly registry: Registry; readonly timeseries: TimeSeries },
  now: Instant,
): Promise<void> => {
  for (const { id, name, street, asset, borough, ward, at } of places) {
    const site: Site = await registry.addSite({
      id,
      ...(name === '' ? {} : { name }),
      ...(street === undefined ? {} : { street }),
      ...(asset === undefined ? {} : { asset }),
      ...(borough === undefined ? {} : { borough }),
      ...(ward === undefined ? {} : { ward }),
      ...(at === undefined ? {} : { latitude: at[0], longitude: at[1] }),
    });
    await registry.addDevice({
      id: `dev-${id}`,
      profile: 'kerbside/canonical',
      site: site.id,
      name: id === 'hostile' ? HOSTILE : `Sensor at ${id}`,
    });
  }
  await registry.addDevice({ id: 'spare-1', profile: 'earthsense/zephyr' });
  await registry.addDevice({ id: 'old-1', profile: 'earthsense/zephyr', name: 'Taken down in spring' });
  const old = registry.devices().find(({ id }) => id === 'old-1');
  if (old !== undefined) await registry.updateDevice(old.id, { status: 'retired' });
  for (const place of places) {
    const device = registry.devices().find(({ id }) => id === `dev-${place.id}`);
    const site = registry.sites().find(({ id }) => id === place.id);
    if (device === undefined || site === undefined || place.heardMinutesAgo === undefined) continue;
    if (place.maintenance === true) await registry.updateDevice(device.id, { status: 'maintenance' });
    await registry.keepHeard({ devices: [heardAs(place, device.id, now)], days: [] });
    await timeseries.write(dayOf({ place, device: device.id, site: site.id, borough: site.borough ?? null }, now));
  }
};

const heardAs = ({ heardMinutesAgo = 0, box }: Place, device: DeviceId, now: Instant): HeardDevice => {
  const at = instant(now - heardMinutesAgo * MINUTE);
  return {
    device,
    seq: 0,
    heardAt: at,
    connector: 'mqtt',
    routes: [box === undefined ? { kind: 'door', name: 'mqtt', at } : { kind: 'gateway-device', name: box, at }],
  };
};

const dayOf = (
  {
    place,
    device,
    site,
    borough,
  }: {
    readonly place: Place;
    readonly device: DeviceId;
    readonly site: SiteId;
    readonly borough: Site['borough'] | null;
  },
  now: Instant,
): JudgedReading[] => {
  const last = now - (place.heardMinutesAgo ?? 0) * MINUTE;
  const readings: JudgedReading[] = [];
  for (let at = last - 24 * 60 * MINUTE; at <= last; at += 15 * MINUTE) {
    // Two hours of the afternoon are missing.
    const hour = new Date(at).getUTCHours();
    if ((hour === 13 || hour === 14) && at !== last) continue;
    const minute = hour * 60 + new Date(at).getUTCMinutes();
    readings.push({
      device,
      site,
      borough: borough ?? null,
      time: instant(at),
      receivedAt: instant(at + 800),
      observations: place.footfall === true ? peopleAt(minute) : airAt(minute, place.suspect === true && at === last),
    });
  }
  return readings;
};

/** Three gateways: one that works, one that is not connected, one with a name that wants to be markup. */
export const tellRadio = (radio: RadioBook, now: Instant): void => {
  const at = instant(now - MINUTE);
  const town = { gateway: '00800000a00016b6', connector: 'chirpstack-mqtt', at } as const;
  const position = { latitude: 53.4084, longitude: -2.1536 };
  radio.tell({ kind: 'gateway', ...town, name: 'Town hall', position });
  radio.tell({
    kind: 'stats',
    ...town,
    received: 200,
    receivedOk: 170,
    forwarded: 170,
    emitted: 3,
    acknowledged: 1,
    temperature: 26.5,
  });
  radio.tell({
    kind: 'frame',
    ...town,
    connector: 'semtech-udp',
    checksum: 'ok',
    frequency: 868_100_000,
    airtimeMs: 56.576,
  });
  radio.tell({
    kind: 'frame',
    ...town,
    connector: 'semtech-udp',
    checksum: 'ok',
    frequency: 869_525_000,
    airtimeMs: 1_155,
  });
  const far = { gateway: 'ttn-gw-2', connector: 'tts-mqtt', at } as const;
  radio.tell({ kind: 'gateway', ...far });
  radio.tell({ kind: 'connection', ...far, online: false });
  radio.tell({ kind: 'gateway', ...far, gateway: 'hostile', name: HOSTILE });
  radio.note([
    {
      seq: 1_000_000,
      uplink: {
        id: uplinkId('u'.repeat(22)),
        redelivered: false,
        connector: 'chirpstack-mqtt',
        device: { by: 'id', value: deviceId('lora-1') },
        receivedAt: at,
        payload: new Uint8Array(8),
        lorawan: {
          fPort: 1,
          fCnt: 7,
          session: '01020304',
          frequency: 868_100_000,
          dataRate: 'SF7BW125',
          receptions: [{ gateway: town.gateway, rssi: -97, snr: 5.5 }],
        },
      },
    },
  ]);
};
