import { draw } from '../random.ts';
import type { DemoGateway } from './gateways.ts';
import { radioKindOf, type RadioSensor } from './network.ts';
import type { Frame } from './outbox.ts';
import type { Hearing } from './propagation.ts';

/**
 * What ChirpStack v4 publishes, as it writes it: the fields of an event itself are all there, also those that are 0 or
 * false; inside `rxInfo`, `txInfo` and a gateway's `stats` they are left out. Names and forms are those of its
 * `integration.proto` and `gw.proto`.
 */
export interface Published {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

const TENANT = '7c1fd9a4-5f0a-4b0e-9a5e-2d6f0b8f4a10';
const APPLICATION = 'b9f5d9a0-0c3c-4d21-8a44-5b8d0a2c9f31';
const REGION = 'eu868';

type Event = 'up' | 'join' | 'status' | 'log';
const published = (sensor: RadioSensor, event: Event, words: unknown): Published => ({
  topic: `application/${APPLICATION}/device/${sensor.devEui}/event/${event}`,
  payload: JSON.stringify(words),
  retain: false,
});

/** An event's part that says whose it is. */
const deviceInfo = (sensor: RadioSensor) => ({
  tenantId: TENANT,
  tenantName: 'Stockport demo',
  applicationId: APPLICATION,
  applicationName: 'street sensors',
  deviceProfileId: uuid(`profile:${sensor.kind}`),
  deviceProfileName: radioKindOf(sensor).title,
  deviceName: sensor.name,
  devEui: sensor.devEui,
  deviceClassEnabled: 'CLASS_A',
  tags: { street: sensor.place.street },
});

/** A frame's events: `up`, and what the server noted about it. `copy` tells one handling of a frame from another. */
export const upEvents = (
  frame: Frame,
  { devAddr, copy }: { readonly devAddr: string; readonly copy: number },
): readonly Published[] => {
  const { sensor, atMs, fCnt, fPort, confirmed, payload, hearings, spreadingFactor, channel } = frame;
  const deduplicationId = uuid(`${sensor.id}:${fCnt}:${atMs}:${copy}`);
  const up = published(sensor, 'up', {
    deduplicationId,
    time: nanoseconds(atMs),
    deviceInfo: deviceInfo(sensor),
    devAddr,
    adr: true,
    dr: 12 - spreadingFactor,
    fCnt,
    fPort,
    confirmed,
    data: Buffer.from(payload).toString('base64'),
    rxInfo: hearings.map((hearing) => rxInfo(hearing, frame)),
    txInfo: {
      frequency: channel.frequency,
      modulation: { lora: { bandwidth: 125_000, spreadingFactor, codeRate: 'CR_4_5' } },
    },
    regionConfigId: REGION,
  });
  const logged = logs.filter(({ fault }) => frame.plays.includes(fault));
  return [up, ...logged.map((log) => logEvent(frame, log, deduplicationId))];
};

/** What the server says of a frame whose codec failed, and of another that somebody sent in the device's name. */
const logs = [
  { fault: 'codec-error', code: 'UPLINK_CODEC', description: 'JS error: Script execution timeout' },
  { fault: 'mic-error', code: 'UPLINK_MIC', description: 'MIC of uplink frame is invalid, make sure keys are correct' },
] as const;

const logEvent = (
  { sensor, atMs }: Frame,
  { code, description }: (typeof logs)[number],
  deduplicationId: string,
): Published =>
  published(sensor, 'log', {
    time: nanoseconds(atMs),
    deviceInfo: deviceInfo(sensor),
    level: 'ERROR',
    code,
    description,
    context: { deduplication_id: deduplicationId },
  });

/** Published at the first uplink of a session, not when the device joins. */
export const joinEvent = ({ sensor, atMs }: Frame, devAddr: string): Published =>
  published(sensor, 'join', {
    deduplicationId: uuid(`join:${sensor.id}:${devAddr}`),
    time: nanoseconds(atMs),
    deviceInfo: deviceInfo(sensor),
    devAddr,
  });

export const statusEvent = ({ sensor, atMs, hearings }: Frame): Published =>
  published(sensor, 'status', {
    deduplicationId: uuid(`status:${sensor.id}:${atMs}`),
    time: nanoseconds(atMs),
    deviceInfo: deviceInfo(sensor),
    margin: Math.max(-32, Math.min(31, Math.round((hearings[0]?.snr ?? 0) + 7))),
    externalPowerSource: sensor.kind === 'tcr',
    batteryLevelUnavailable: sensor.kind === 'tcr',
    batteryLevel: sensor.kind === 'tcr' ? 0 : Math.round(1000 * (0.82 + 0.17 * draw(0, `${sensor.id}:charge`))) / 10,
  });

const rxInfo = ({ gateway, rssi, snr }: Hearing, { atMs, fCnt, sensor, channel }: Frame) => ({
  gatewayId: gateway.eui,
  uplinkId: 1 + Math.floor(draw(fCnt, `${sensor.id}:${gateway.eui}:uplink`) * 0xffff_fffe),
  gwTime: nanoseconds(atMs),
  nsTime: nanoseconds(atMs + 40),
  ...withoutZero({ rssi, snr, channel: channel.index, rfChain: channel.index < 3 ? 1 : 0 }),
  location: positionOf(gateway),
  context: Buffer.from(`${channel.index}${gateway.eui.slice(-3)}`).toString('base64'),
  metadata: { region_name: REGION, region_common_name: 'EU868' },
  crcStatus: 'CRC_OK',
});

const positionOf = ({ latitude, longitude, altitude }: DemoGateway) => ({ latitude, longitude, altitude });

/** What a gateway counted since it last said so. */
export interface GatewayCounts {
  readonly received: number;
  readonly receivedOk: number;
}

export const statsEvent = (gateway: DemoGateway, atMs: number, { received, receivedOk }: GatewayCounts): Published => ({
  topic: `${REGION}/gateway/${gateway.eui}/event/stats`,
  payload: JSON.stringify({
    gatewayId: gateway.eui,
    time: nanoseconds(atMs),
    location: positionOf(gateway),
    ...withoutZero({ rxPacketsReceived: received, rxPacketsReceivedOk: receivedOk }),
  }),
  retain: false,
});

/** Kept by the broker for whoever comes later. Offline is the zero of its kind, and left out. */
export const connState = (gateway: DemoGateway, online: boolean): Published => ({
  topic: `${REGION}/gateway/${gateway.eui}/state/conn`,
  payload: JSON.stringify({ gatewayId: gateway.eui, ...(online ? { state: 'ONLINE' } : {}) }),
  retain: true,
});

const withoutZero = (numbers: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== 0));

/** `2026-03-05T14:07:31.250418037+00:00`: the digits below the millisecond are the clock's own. */
const nanoseconds = (timeMs: number): string => {
  const whole = new Date(timeMs).toISOString().slice(0, -1);
  const rest = Math.floor(draw(Math.trunc(timeMs) % 0x7fff_ffff, 'ns') * 1_000_000);
  return `${whole}${String(rest).padStart(6, '0')}+00:00`;
};

/** A UUID of version 4 that belongs to this question. */
const uuid = (question: string): string => {
  const word = (n: number): string =>
    Math.floor(draw(n, question) * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  const hex = [0, 1, 2, 3].map(word).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
};
