import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type, type Static } from 'typebox';
import {
  Conflict,
  Invalid,
  iso,
  NotFound,
  parseIso,
  type Clock,
  type Instant,
} from '../../../device-profiles/vocabulary/index.ts';
import { requireScope } from '../../../infra/http/auth.ts';
import type { Registry } from '../../../infra/registry/contract.ts';
import type { Backfill, BackfillProgress } from './storage.ts';
import { storageFaults } from './storage-page.ts';

const Time = Type.String({ description: 'ISO 8601; UTC unless it says otherwise' });
const Count = Type.Integer({ minimum: 0 });
const Progress = Type.Object({
  state: Type.Enum(['never', 'running', 'done', 'failed'], { description: 'Of the newest since the server started' }),
  from: Type.Optional(Time),
  to: Type.Optional(Time),
  reached: Type.Optional(Type.String({ description: 'All that it received until then has been fetched' })),
  pages: Count,
  appended: Type.Integer({ minimum: 0, description: 'Uplinks that were new' }),
  duplicates: Type.Integer({ minimum: 0, description: 'Uplinks that had come already' }),
  refused: Count,
  faults: Type.Integer({ minimum: 0, description: 'Requests that failed' }),
  fault: Type.Optional(Type.Enum([...storageFaults], { description: 'The last fault; none once it is done' })),
});

const path = '/api/v1/network-servers/things-stack/backfill';
const about = {
  tags: ['network servers'],
  security: [{ key: [] }],
};

/** Asks for a span of the Storage Integration again, and how far that is. */
export const backfillRoutes =
  ({
    registry,
    clock,
    backfill,
  }: {
    readonly registry: Registry;
    readonly clock: Clock;
    /** Undefined where the Storage Integration is not configured. */
    readonly backfill: Backfill | undefined;
  }): FastifyPluginAsyncTypebox =>
  async (http) => {
    const configured = (): Backfill => {
      if (backfill !== undefined) return backfill;
      throw new NotFound('storage-unset', 'Set thingsStack.apiUrl, .applicationId and .apiKey, and start again');
    };
    const post = {
      ...about,
      operationId: 'startBackfill',
      summary: 'Fetch what The Things Stack stored',
      description: `Begins to fetch the uplinks of a span of time from its Storage Integration. What has come already is
recognised and not stored again. Answers at once; \`GET\` says how far it is. After a start and after an outage of the
MQTT connection this happens by itself.`,
      body: Type.Object({ from: Time, to: Type.Optional(Time) }, { additionalProperties: false }),
      response: { 202: Progress },
    };
    http.post(path, { schema: post, preHandler: requireScope(registry, 'manage') }, async ({ body }, reply) => {
      const from = timeIn('from', body.from);
      const to = body.to === undefined ? clock.now() : timeIn('to', body.to);
      if (from > to) throw new Invalid('span-invalid', 'from lies after to');
      if (configured().start({ from, to }) === undefined)
        throw new Conflict('backfill-running', 'One back-fill at a time: wait for the one that runs');
      return reply.status(202).send(shown(configured().progress));
    });
    const get = {
      ...about,
      operationId: 'getBackfill',
      summary: 'How a back-fill stands',
      description: 'The one that runs, or the last one since the server started.',
      response: { 200: Progress },
    };
    http.get(path, { schema: get, preHandler: requireScope(registry, 'read') }, async () =>
      shown(configured().progress),
    );
  };

const timeIn = (name: string, text: string): Instant => {
  const time = parseIso(text);
  if (time === undefined)
    throw new Invalid('time-invalid', `${name}: "${text}" is not a time such as 2026-11-23T15:00:00Z`);
  return time;
};

const shown = ({ from, to, reached, ...rest }: BackfillProgress): Static<typeof Progress> => ({
  ...rest,
  ...(from === undefined ? {} : { from: iso(from) }),
  ...(to === undefined ? {} : { to: iso(to) }),
  ...(reached === undefined ? {} : { reached: iso(reached) }),
});
