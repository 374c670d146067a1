import { Type, type Static } from 'typebox';
import { iso, NotFound, quarantineReasons } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Quarantined, Registry } from '../../infra/registry/contract.ts';
import { quarantinedOf } from '../quarantined-of.ts';
import { oneOf, time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { linkNext, Next, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { placeOf, UplinkOut, uplinkOut } from './uplinks.ts';

const tags = ['quarantine'];
/** Entries hold whole payloads; see uplinks.ts. */
const ENTRIES_AT_MOST = 200;
const ENTRIES_DEFAULT = 50;

const QuarantinedOut = closed(
  {
    id: Type.Integer(),
    device: Type.String({ description: 'As the sender named it: a device id or a DevEUI' }),
    reason: oneOf(quarantineReasons, { description: 'The same word in the log and in the metrics' }),
    detail: Type.String({ description: 'What was wrong, where' }),
    at: time('When it was set aside'),
    uplink: UplinkOut,
  },
  { description: 'An uplink that could not become observations, whole, with why' },
);
const outcomes = ['stored', 'duplicate', 'quarantined'] as const;
const RedrivenOut = closed(
  {
    outcome: oneOf(outcomes, {
      description: '`quarantined`: it was refused again and stays; look at its reason once more',
    }),
  },
  { description: 'What became of it' },
);

const quarantinedOut = ({ id, uplink, reason, detail, at }: Quarantined): Static<typeof QuarantinedOut> => ({
  id,
  device: uplink.device.value,
  reason,
  detail,
  at: iso(at),
  uplink: uplinkOut(uplink),
});

/** @throws NotFound (`quarantine-unknown`). */
const entryOf = async (registry: Registry, id: number): Promise<Quarantined> => {
  const [entry] = await registry.quarantined({ limit: 1, before: id + 1 });
  if (entry?.id !== id) throw new NotFound('quarantine-unknown', `nothing in the quarantine has the number ${id}`);
  return entry;
};

/** The quarantine: looked at, and driven through again once the cause is mended. */
export const quarantineRoutes = (api: Http, { registry, may, redrive }: ApiParts): void => {
  api.get(
    '/quarantine',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listQuarantine',
        summary: 'What could not become observations',
        description: 'Newest first. Needs `read`.',
        querystring: closed({
          ...pageQuery,
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: ENTRIES_AT_MOST, default: ENTRIES_DEFAULT })),
          reason: Type.Optional(oneOf(quarantineReasons)),
          device: Type.Optional(
            Type.String({ description: 'Only of the device with this id or DevEUI, registered or not' }),
          ),
        }),
        response: {
          200: closed(
            { quarantined: Type.Array(QuarantinedOut), next: Next },
            { description: 'A page of the quarantine' },
          ),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { limit = ENTRIES_DEFAULT, cursor, reason, device } = request.query;
      const before = placeOf(cursor);
      const wanted = {
        limit: limit + 1,
        ...(before === undefined ? {} : { before }),
        ...(reason === undefined ? {} : { reason }),
      };
      const entries = await (device === undefined
        ? registry.quarantined(wanted)
        : quarantinedOf(device, registry, wanted));
      const page = entries.slice(0, limit);
      const last = page.at(-1);
      const next = entries.length > limit && last !== undefined ? sealed(String(last.id)) : undefined;
      return reply.send({ quarantined: page.map(quarantinedOut), next: linkNext(request, reply, next) });
    },
  );
  api.post(
    '/quarantine/:id/redrive',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'redriveQuarantined',
        summary: 'Drive an uplink through the pipeline again',
        description: 'For when its cause is mended: the device registered, the profile corrected. Needs `manage`.',
        params: closed({ id: Type.Integer({ minimum: 1 }) }),
        response: { 200: RedrivenOut, ...problems(404) },
      },
    },
    async (request, reply) => {
      const done = await redrive(await entryOf(registry, request.params.id));
      return reply.send({ outcome: outcomes.find((outcome) => done[outcome] > 0) ?? 'duplicate' });
    },
  );
};
