import { NotFound, type Connector, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { subBandOf } from '../../infra/radio/sub-bands.ts';
import { figuresByDay, type GatewayFigures } from '../../infra/radio/figures.ts';
import { gatewayStates, type GatewayNow } from '../now/gateways.ts';
import { doorsOf, linkedTo, todayOf, type Linked } from '../radio/gateway.ts';
import { airtimeShare } from '../radio/wire.ts';
import { clockWords } from '../uk-time.ts';
import { dayWords } from './day-words.ts';
import { known } from './facts.ts';
import { conditionView, deviceHref, when } from './models.ts';
import type { PageMaker } from './page.ts';
import { paged } from './paging.ts';
import { doorWords, spanWords } from './words.ts';
import { englishWords } from '../words/index.ts';

/** The page of a radio gateway. */
export const gatewayHref = (id: string): string => `/gateways/${encodeURIComponent(id)}`;

const numberOr = (value: number | undefined): string => (value === undefined ? '-' : value.toLocaleString('en-GB'));
const percentOr = (share: number | undefined, decimals = 1): string =>
  share === undefined ? '-' : `${(100 * share).toFixed(decimals)} %`;
const dBm = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value)} dBm`);
const dB = (value: number | undefined): string => (value === undefined ? '-' : `${value.toFixed(1)} dB`);

/** Frames by the gateway's own statistics, else those that it told us of. */
const receivedOf = ({ received, frames }: GatewayFigures): string => numberOr(received ?? frames);

const offlineWords = ({ offline }: GatewayNow): string | undefined =>
  offline ? 'its network server says that it is not connected' : undefined;

const worstFirst = (a: GatewayNow, b: GatewayNow): number =>
  gatewayStates.indexOf(a.state) - gatewayStates.indexOf(b.state) || (a.known.gateway < b.known.gateway ? -1 : 1);

const aloneWords = (count: number): string | undefined => {
  if (count === 0) return undefined;
  const devices = count === 1 ? 'this sensor falls silent' : `${count.toLocaleString('en-GB')} sensors fall silent`;
  return `If this gateway fails, ${devices}: no other gateway hears ${count === 1 ? 'it' : 'them'}.`;
};

/** Every radio gateway, worst first. */
export const gatewaysPage: PageMaker = ({ page }, { now, radio, clock }) => {
  const at = clock.now();
  const fleet = now.fleet();
  const alone = radio.alone();
  const counts = radio.linkCounts();
  const shown = paged(
    [...fleet.gateways.values()].toSorted(worstFirst),
    page,
    (n) => `/gateways?page=${n}`,
    englishWords,
  );
  return {
    template: 'gateways',
    title: 'Radio gateways',
    section: 'gateways',
    content: {
      gateways: {
        ...shown,
        rows: shown.rows.map((gateway) => {
          const { gateway: id, name, heardAt } = gateway.known;
          const today = todayOf(id, radio, fleet);
          return {
            key: `gateway-${id}`,
            id,
            href: gatewayHref(id),
            name,
            condition: conditionView(gateway.state, englishWords),
            cause: offlineWords(gateway),
            received: receivedOf(today),
            crcOk: percentOr(today.crcOkShare),
            devices: numberOr(counts.get(id) ?? 0),
            onlyHere: numberOr(alone.get(id)?.length ?? 0),
            heard: heardAt === undefined ? undefined : when(heardAt, at, englishWords),
          };
        }),
      },
    },
  };
};

/** One radio gateway: what is known of it, whom it hears, its days and channels. */
export const gatewayPage: PageMaker = ({ id, page, mayManage }, { now, radio, registry, clock }) => {
  const at = clock.now();
  const fleet = now.fleet();
  const gateway = fleet.gateways.get(id);
  if (gateway === undefined)
    throw new NotFound('gateway-unknown', `There is no gateway ${JSON.stringify(id.slice(0, 80))}`);
  const linked = linkedTo(id, radio, registry);
  const days = figuresByDay(radio.gatewayDays(id));
  return {
    template: 'gateway',
    title: gateway.known.name ?? id,
    section: 'gateways',
    content: {
      heading: gateway.known.name ?? id,
      nameHref: mayManage ? `${gatewayHref(id)}/name` : undefined,
      condition: conditionView(gateway.state, englishWords),
      cause: offlineWords(gateway),
      heard: gateway.known.heardAt === undefined ? undefined : when(gateway.known.heardAt, at, englishWords),
      alone: aloneWords(linked.filter((one) => one.alone).length),
      facts: factsOf(gateway, {
        today: todayOf(id, radio, fleet),
        doors: doorsOf(gateway.known, radio, fleet.asOf),
        at,
      }),
      sensors: sensorsOf(linked, { page, id, at }),
      days: days.toReversed().map(({ day, figures }) => ({
        day: dayWords(day),
        received: receivedOf(figures),
        crcOk: percentOr(figures.crcOkShare),
        forwarded: numberOr(figures.forwarded),
        emitted: numberOr(figures.emitted),
        uplinks: numberOr(figures.uplinks),
      })),
      counted: countedWords(radio.channelsFrom(id), gateway.known.firstAt, at),
      channels: radio.channels(id).map((channel) => ({
        frequency: `${(channel.frequency / 1e6).toFixed(3)} MHz`,
        band: bandWords(channel.frequency),
        frames: numberOr(channel.frames),
        busy: percentOr(airtimeShare(channel), 3),
        ownOnly: channel.source === 'uplinks',
      })),
    },
  };
};

const HOUR_MS = 3_600_000;

/**
 * Since when its channels are counted: `Counted since 06:30, when the server started`. Undefined once that is the whole
 * hour, which the heading says.
 */
const countedWords = (from: Instant | undefined, firstAt: Instant, at: Instant): string | undefined => {
  if (from === undefined || at - from >= HOUR_MS) return undefined;
  const why = from <= firstAt ? 'it was first heard of' : 'the server started';
  return `Counted since ${clockWords(from, at)}, when ${why}`;
};

/** `yes, as that said at 06:20`; undefined where its network server says nothing of that. */
const connectedWords = ({ connection }: GatewayNow['known'], at: Instant): string | undefined =>
  connection === undefined
    ? undefined
    : `${connection.online ? 'yes' : 'no'}, as that said at ${clockWords(connection.at, at)}`;

interface Telling {
  readonly today: GatewayFigures;
  readonly doors: readonly Connector[];
  readonly at: Instant;
}

const factsOf = ({ known: gateway, everyMs, lateAfterMs }: GatewayNow, { today, doors, at }: Telling) =>
  known([
    ['Id', gateway.gateway],
    [
      'Position (latitude, longitude)',
      gateway.position === undefined
        ? undefined
        : `${gateway.position.latitude.toFixed(5)}, ${gateway.position.longitude.toFixed(5)}`,
    ],
    ['Heard of by', doors.map(doorWords).join('; ')],
    ['Connected to its network server', connectedWords(gateway, at)],
    ['Expected', `every ${spanWords(everyMs, englishWords)}; late after ${spanWords(lateAfterMs, englishWords)}`],
    ['Frames received today', receivedOf(today)],
    ['Of these with a right checksum', percentOr(today.crcOkShare)],
    ['Acknowledged by its server', gateway.acknowledged === undefined ? undefined : percentOr(gateway.acknowledged)],
    ['Temperature inside', gateway.temperature === undefined ? undefined : `${gateway.temperature.toFixed(1)} °C`],
  ]);

const sensorsOf = (
  linked: readonly Linked[],
  { page, id, at }: { readonly page: string | undefined; readonly id: string; readonly at: Parameters<typeof when>[1] },
) => {
  const shown = paged(linked, page, (n) => `${gatewayHref(id)}?page=${n}`, englishWords);
  return {
    ...shown,
    rows: shown.rows.map(({ device, link, alone }) => ({
      id: device.id,
      href: deviceHref(device.id),
      name: device.name === device.id ? '' : device.name,
      alone,
      heard: when(link.heardAt, at, englishWords),
      uplinks: numberOr(link.uplinks),
      rssi: dBm(link.rssiMean),
      best: dBm(link.rssiBest),
      snr: dB(link.snrMean),
    })),
  };
};

const bandWords = (frequency: number): string => {
  const band = subBandOf(frequency);
  return band === undefined ? '-' : `${band.name}, ${percentOr(band.dutyLimit)} a transmitter`;
};
