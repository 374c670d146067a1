import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { Invalid, KerbsideError, Unavailable } from '../../device-profiles/vocabulary/index.ts';
import { problemOf } from '../../infra/http/problem.ts';
import type { Http } from '../../infra/http/server.ts';
import { openEventStream, type EventStream } from '../preview/event-stream.ts';
import { follow, openTurns } from '../preview/follow.ts';
import { trying } from '../limits.ts';
import { closed, problems } from './answers.ts';
import { deviceOf } from './device-shapes.ts';
import { namesOf, placeBefore } from './device-uplinks.ts';
import type { ApiParts } from './parts.ts';

/**
 * Watches at once, of all keys together: each looks into the journal twice a second and decodes what it tells for
 * itself. More engineers than this do not stand in front of sensors at one time.
 */
export const WATCHES_AT_MOST = 50;
/** Uplinks that a watch may begin with. */
const LAST_AT_MOST = 50;
const ENDLESS = Number.MAX_SAFE_INTEGER;

/** The place of the last event that a reader has seen. @throws Invalid (`event-id-invalid`). */
const placeOf = (header: string | string[] | undefined): number | undefined => {
  if (header === undefined || header === '') return undefined;
  const place = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
  if (place === undefined)
    throw new Invalid('event-id-invalid', 'Last-Event-ID: this is not the id of an event of this stream');
  return place;
};

/** How soon a key that was revoked, or a session that is over, is told nothing any more. */
const HOLDS_MS = 2_000;

/** A device's uplinks as they come, as Server-Sent Events. */
export const watchRoutes = (api: Http, { registry, journal, explain, clock, log, may }: ApiParts): void => {
  const watching = new Map<EventStream, Promise<void>>();
  const turn = openTurns();
  // Before the server waits for its connections to end: these would not.
  api.addHook('preClose', async () => {
    for (const stream of watching.keys()) stream.end();
    await Promise.all(watching.values());
  });
  api.get(
    '/devices/:id/watch',
    {
      ...may.read,
      ...trying,
      // It would watch, and be told nothing.
      exposeHeadRoute: false,
      schema: {
        tags: ['devices'],
        operationId: 'watchDevice',
        summary: 'What a device sends, as it comes, and what becomes of it',
        description:
          'Server-Sent Events: `uplink`, with an explained uplink as `/preview` has it, refused ones too, within a second of ' +
          'its arrival. A reader that comes back with `Last-Event-ID` is told what it missed, for as long as the journal keeps ' +
          'it. A reader that takes nothing for 30 seconds is dropped. Needs `read`.',
        params: closed({ id: Type.String() }),
        querystring: closed({
          last: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: LAST_AT_MOST,
              default: 0,
              description: 'Begins with so many that came before; not with `Last-Event-ID`',
            }),
          ),
          events: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 100_000, description: 'Ends after so many; else it goes on' }),
          ),
        }),
        response: {
          200: {
            description: 'A stream of events',
            content: { 'text/event-stream': { schema: Type.String({ description: 'WHATWG HTML, 9.2' }) } },
          },
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const device = deviceOf(registry, request.params.id);
      const { last = 0, events = ENDLESS } = request.query;
      const after = placeOf(request.headers['last-event-id']) ?? (await placeBefore(journal, namesOf(device), last));
      if (watching.size >= WATCHES_AT_MOST)
        throw new Unavailable(
          'watches-full',
          `${WATCHES_AT_MOST} watches run already; close one, or come back when one has ended`,
        );
      const stream = openEventStream(beginStream(reply));
      const asking = setInterval(() => {
        if (!may.stillReads(request)) stream.end();
      }, HOLDS_MS).unref();
      // Its DevEUI may change while somebody watches.
      const names = () => namesOf(registry.device({ by: 'id', value: device.id }) ?? device);
      const run = follow(stream, { journal, explain, clock, turn }, { device: names, after, events })
        .catch((error: unknown) => {
          stream.send({ name: 'problem', data: problemOf(error, request.url) });
          if (!(error instanceof KerbsideError)) log.error({ err: error }, 'a watch failed');
        })
        .finally(() => {
          clearInterval(asking);
          stream.end();
          watching.delete(stream);
        });
      watching.set(stream, run);
      await run;
    },
  );
};

/** Takes the answer out of Fastify's hands, with the headers that it would have sent. */
const beginStream = (reply: FastifyReply): ServerResponse => {
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.hijack();
  // Not held up by proxies that know the last header, and kept by nobody: it is over in a moment.
  return reply.raw.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
};
