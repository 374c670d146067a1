import { radioSensors } from './lorawan/network.ts';
import { places, sensors } from './network.ts';

/** How many sensors the street network has, by whatever door they speak. */
export const sensorCount = sensors.length + radioSensors.length;

/** What somebody who has just started the demo needs to know. */
export interface Greeting {
  readonly http: string;
  readonly mqtt: string;
  /** Where gateways send what they hear (Semtech UDP). */
  readonly udpPort: number;
  /** `mqtt://host:port` of the partners' listener; undefined where it is switched off. */
  readonly feed: string | undefined;
  readonly partnerKey: string;
  /** Where everything is kept. */
  readonly data: string;
  /** How far back the sensors tell what they kept; 0 when they only go on. Milliseconds. */
  readonly backfillMs: number;
}

/** The demo's own words: where to look, what to paste, how to stop. */
export const greeting = ({ http, mqtt, udpPort, feed, partnerKey, data, backfillMs }: Greeting): string => {
  const back = Math.round(backfillMs / 60_000);
  const span = back >= 120 ? `${Math.round(back / 60)} hours` : `${back} minutes`;
  const told = back < 2 ? '' : `\n  First they tell what they kept of the last ${span}; then they go on live.`;
  const feedExample =
    feed === undefined
      ? []
      : [
          '',
          '  the feed, over MQTT (an alert is one line, too):',
          `    mosquitto_sub -L '${feed.replace('mqtt://', `mqtt://partner:${partnerKey}@`)}/feeds/v1/stockport/#' -v`,
        ];
  return [
    '',
    `  Kerbside demo: ${sensorCount} simulated sensors at ${places.length} places in Stockport speak to this server: ${sensors.length} over MQTT and HTTP,`,
    `  ${radioSensors.length} over LoRaWAN, by a simulated ChirpStack, webhooks of The Things Stack, and two gateways whose frames it decrypts itself.`,
    '  The readings are invented, and so are the lamp columns. Demo pace: ' +
      `a reading every 5 to 15 seconds, over LoRaWAN every 20 to 60; counts every minute.${told}`,
    '',
    `    the page           ${http}`,
    `    the API            ${http}/api/docs`,
    `    MQTT for devices   ${mqtt}`,
    `    UDP for gateways   127.0.0.1:${udpPort}`,
    `    the data           ${data}`,
    '',
    `  As a partner you may read with this key (kept in ${data}/demo.json):`,
    '',
    `    curl -s -H 'Authorization: Bearer ${partnerKey}' '${http}/api/v1/observations/latest?quantity=no2'`,
    ...feedExample,
    '',
    '  live events, over Socket.IO (from this folder):',
    `    node -e "require('socket.io-client')('${http}/live', { auth: { key: '${partnerKey}' } }).on('observation', console.log).emit('watch', { quantities: ['no2'] })"`,
    '',
    '  Ctrl-C stops it; the next start goes on where it was.',
    '',
    '',
  ].join('\n');
};
