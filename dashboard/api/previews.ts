import { Type } from 'typebox';
import { NotFound, profileId } from '../../device-profiles/vocabulary/index.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Entry } from '../../infra/journal/contract.ts';
import { pastedShape, pastedUplink } from '../preview/pasted.ts';
import { PreviewOut, previewOut } from '../preview/shape.ts';
import { trying } from '../limits.ts';
import { closed, problems } from './answers.ts';
import { deviceOf } from './device-shapes.ts';
import { namesOf, newestOf } from './device-uplinks.ts';
import { linkNext, Next, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { placeOf } from './uplinks.ts';

/** Each is decoded anew, in one thread that all who try something share. */
const PREVIEWS_AT_MOST = 50;
const PREVIEWS_DEFAULT = 20;
/**
 * An explanation is up to 20 times as long as its payload: a page ends before it has more than this, unless it is the
 * first.
 */
const PAYLOAD_BYTES_AT_MOST = 262_144;

/**
 * Looks and trials by one key in ten seconds: an engineer with a device in each hand passes, a runaway script does not
 * keep the others from their turn in the sandbox.
 */

/** What the pipeline makes of uplinks, for an engineer to look at: stored ones of a device, and pasted ones. */
export const previewRoutes = (api: Http, parts: ApiParts): void => {
  stored(api, parts);
  pasted(api, parts);
};

const stored = (api: Http, { registry, journal, explain, clock, may }: ApiParts): void => {
  api.get(
    '/devices/:id/preview',
    {
      ...may.read,
      ...trying,
      schema: {
        tags: ['devices'],
        operationId: 'previewUplinks',
        summary: 'What a device sent, and what became of it',
        description:
          'Newest first, each explained by the steps of the pipeline and the profile as it is now: an uplink that was stored ' +
          'before the profile changed may look different from what was stored. Needs `read`.',
        params: closed({ id: Type.String() }),
        querystring: closed({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PREVIEWS_AT_MOST, default: PREVIEWS_DEFAULT })),
          cursor: pageQuery.cursor,
        }),
        response: {
          200: closed({ previews: Type.Array(PreviewOut), next: Next }, { description: 'A page of explained uplinks' }),
          ...problems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const device = deviceOf(registry, request.params.id);
      const { limit = PREVIEWS_DEFAULT, cursor } = request.query;
      const before = placeOf(cursor);
      const entries = await newestOf(journal, namesOf(device), {
        limit: limit + 1,
        ...(before === undefined ? {} : { before }),
      });
      const page = light(entries.slice(0, limit));
      const last = page.at(-1);
      const next = entries.length > page.length && last !== undefined ? sealed(String(last.seq)) : undefined;
      const explained = await explain(page.map(({ uplink }) => uplink));
      const now = clock.now();
      return reply.send({
        previews: explained.map((one) => previewOut(one, now)),
        next: linkNext(request, reply, next),
      });
    },
  );
};

/** As many from the beginning as weigh no more than they may, and one at least. */
const light = (entries: readonly Entry[]): readonly Entry[] => {
  let bytes = 0;
  const end = entries.findIndex(({ uplink }, index) => {
    bytes += uplink.payload.byteLength;
    return bytes > PAYLOAD_BYTES_AT_MOST && index > 0;
  });
  return end === -1 ? entries : entries.slice(0, end);
};

const VariablesIn = Type.Record(Type.String(), Type.String({ maxLength: 1000 }), {
  description: 'Settings that the codec is given as `variables`; those of `device` unless given',
});

const pasted = (api: Http, { registry, catalogue, explain, trialSandbox, clock, may }: ApiParts): void => {
  api.post(
    '/profiles/:maker/:model/decode',
    {
      ...may.read,
      ...trying,
      schema: {
        tags: ['vocabulary'],
        operationId: 'decodePayload',
        summary: 'What a profile makes of a payload',
        description: 'Stores nothing. A draft is tried like any other profile. Needs `read`.',
        params: closed({ maker: Type.String(), model: Type.String() }),
        body: closed({
          ...pastedShape,
          variables: Type.Optional(VariablesIn),
          device: Type.Optional(Type.String({ description: 'As if this device had sent it: its variables, its site' })),
        }),
        response: { 200: PreviewOut, ...problems(404, 429) },
      },
    },
    async (request, reply) => {
      const { device: id, variables, ...payload } = request.body;
      const profile = profileNamed(catalogue, `${request.params.maker}/${request.params.model}`).trial(trialSandbox);
      const device = id === undefined ? undefined : deviceOf(registry, id);
      const now = clock.now();
      const trial = { profile, device: device ?? null, ...(variables === undefined ? {} : { variables }) };
      const [explained] = await explain([pastedUplink(payload, now)], trial);
      if (explained === undefined) throw new TypeError('one uplink has one explanation');
      return reply.send(previewOut(explained, now, true));
    },
  );
};

/** @throws NotFound (`profile-unknown`), Invalid (`invalid-id`). */
export const profileNamed = (catalogue: ApiParts['catalogue'], id: string): Profile => {
  const profile = catalogue.get(profileId(id));
  if (profile === undefined)
    throw new NotFound('profile-unknown', `no profile ${JSON.stringify(id)} is installed; /api/v1/profiles lists them`);
  return profile;
};
