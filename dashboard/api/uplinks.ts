import { Type, type Static } from 'typebox';
import { connectors, iso, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { isoOrNull, numberOrNull, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf } from './device-shapes.ts';
import { namesOf, newestOf } from './device-uplinks.ts';
import { cursorInvalid, linkNext, Next, opened, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';

/** An uplink on the way out: raw, as it came in. */
export const UplinkOut = closed(
  {
    id: Type.String({ description: 'The same each time the sender repeats the message' }),
    connector: oneOf(connectors, { description: 'The door it came in by' }),
    via: textOrNull({ description: 'The gateway device that forwarded it; null: the device spoke for itself' }),
    redelivered: Type.Boolean({
      description: 'The sender said, or its protocol allows, that the message may have come before',
    }),
    receivedAt: time('When it came in'),
    sentAt: timeOrNull("The sender's clock as its protocol carries it, not yet believed"),
    size: Type.Integer({ description: 'Bytes of payload' }),
    hex: Type.String({ description: 'The payload' }),
    base64: Type.String({ description: 'The payload again' }),
    fPort: numberOrNull({ description: 'LoRaWAN only' }),
    fCnt: numberOrNull({ description: 'LoRaWAN only' }),
    receptions: Type.Array(
      closed({
        gateway: Type.String(),
        rssi: numberOrNull({ description: 'dBm' }),
        snr: numberOrNull({ description: 'dB' }),
        time: textOrNull({ format: 'date-time' }),
      }),
      {
        description: 'What each LoRaWAN gateway heard of it',
      },
    ),
  },
  { description: 'One message as it came in, before decoding' },
);

export const uplinkOut = (uplink: Uplink): Static<typeof UplinkOut> => {
  const payload = Buffer.from(uplink.payload);
  return {
    id: uplink.id,
    connector: uplink.connector,
    via: uplink.via ?? null,
    redelivered: uplink.redelivered,
    receivedAt: iso(uplink.receivedAt),
    sentAt: isoOrNull(uplink.sentAt),
    size: payload.length,
    hex: payload.toString('hex'),
    base64: payload.toString('base64'),
    fPort: uplink.lorawan?.fPort ?? null,
    fCnt: uplink.lorawan?.fCnt ?? null,
    receptions: (uplink.lorawan?.receptions ?? []).map(({ gateway, rssi, snr, time: at }) => ({
      gateway,
      rssi: rssi ?? null,
      snr: snr ?? null,
      time: isoOrNull(at),
    })),
  };
};

/**
 * Raw uplinks on one page: payloads are up to 256 kB, sent twice, so that a page of the usual ones is small and of
 * the largest still bounded.
 */
const UPLINKS_AT_MOST = 200;
const UPLINKS_DEFAULT = 50;

/** @throws Invalid (`cursor-invalid`). */
export const placeOf = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined;
  const place = Number(opened(cursor));
  if (!Number.isSafeInteger(place) || place < 0) throw cursorInvalid();
  return place;
};

/** What a device said, as it said it: the journal as engineers read it. */
export const uplinkHistoryRoutes = (api: Http, { registry, journal, may }: ApiParts): void => {
  api.get(
    '/devices/:id/uplinks',
    {
      ...may.read,
      schema: {
        tags: ['devices'],
        operationId: 'listUplinks',
        summary: 'What a device sent, raw',
        description: 'Newest first, for as long as the journal keeps them. Needs `read`.',
        params: closed({ id: Type.String() }),
        querystring: closed({
          ...pageQuery,
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: UPLINKS_AT_MOST, default: UPLINKS_DEFAULT })),
        }),
        response: {
          200: closed({ uplinks: Type.Array(UplinkOut), next: Next }, { description: 'A page of uplinks' }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const device = deviceOf(registry, request.params.id);
      const { limit = UPLINKS_DEFAULT, cursor } = request.query;
      const before = placeOf(cursor);
      const query = { limit: limit + 1, ...(before === undefined ? {} : { before }) };
      const entries = await newestOf(journal, namesOf(device), query);
      const page = entries.slice(0, limit);
      const last = page.at(-1);
      const next = entries.length > limit && last !== undefined ? sealed(String(last.seq)) : undefined;
      return reply.send({ uplinks: page.map(({ uplink }) => uplinkOut(uplink)), next: linkNext(request, reply, next) });
    },
  );
};
