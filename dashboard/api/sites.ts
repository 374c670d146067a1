import { Type, type Static } from 'typebox';
import { iso, NotFound, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Site } from '../../infra/registry/contract.ts';
import { numberOrNull, textOrNull, time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { SEEN } from './seen.ts';

const tags = ['sites'];

const SiteOut = closed(
  {
    id: Type.String(),
    name: Type.String(),
    street: textOrNull({}),
    usrn: textOrNull({ description: 'Unique Street Reference Number, 8 digits' }),
    postcode: textOrNull({ description: 'A whole one, with its blank: `SK1 3XE`' }),
    asset: textOrNull({ description: 'What carries the device, such as the number of a lamp column' }),
    latitude: numberOrNull({ description: 'Degrees, WGS 84' }),
    longitude: numberOrNull({ description: 'Degrees, WGS 84' }),
    borough: textOrNull({}),
    ward: textOrNull({}),
    published: Type.Boolean({ description: 'Whether everybody sees it where pages are open for published sites only' }),
    createdAt: time('When it was registered'),
  },
  { description: 'The place that is observed; it outlives its devices' },
);
const line = () => Type.Optional(Type.String({ maxLength: 200 }));
const SiteIn = closed({
  id: Type.String({ description: '1 to 64 letters, digits, `.`, `_` or `-`: also a topic level of the partner feed' }),
  name: line(),
  street: line(),
  usrn: Type.Optional(Type.String({ pattern: '^\\d{8}$', description: '8 digits, with their leading zeros' })),
  postcode: Type.Optional(Type.String({ maxLength: 10, description: 'A whole one, with or without its blank' })),
  asset: line(),
  latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
  longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
  borough: line(),
  ward: line(),
  published: Type.Optional(Type.Boolean({ description: 'Whether everybody may see it' })),
});

const siteOut = (site: Site): Static<typeof SiteOut> => ({
  id: site.id,
  name: site.name,
  street: site.street ?? null,
  usrn: site.usrn ?? null,
  postcode: site.postcode ?? null,
  asset: site.asset ?? null,
  latitude: site.latitude ?? null,
  longitude: site.longitude ?? null,
  borough: site.borough ?? null,
  ward: site.ward ?? null,
  published: site.published ?? false,
  createdAt: iso(site.createdAt),
});

/** Sites: registered, changed and listed. */
export const siteRoutes = (api: Http, { may, changesBy, seenBy }: ApiParts): void => {
  api.post(
    '/sites',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'addSite',
        summary: 'Register a site',
        description: 'Needs `manage`.',
        body: SiteIn,
        response: { 201: { description: 'Registered', ...SiteOut }, ...problems(409) },
      },
    },
    async (request, reply) => reply.status(201).send(siteOut(await changesBy(request).addSite(request.body))),
  );
  api.patch(
    '/sites/:id',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'changeSite',
        summary: 'Correct or complete a site',
        description:
          'Only what is given changes; a site that came with a device has only its id until then. Needs `manage`.',
        params: closed({ id: Type.String() }),
        body: Type.Omit(SiteIn, ['id'], { additionalProperties: false, minProperties: 1 }),
        response: { 200: { description: 'As it is now', ...SiteOut }, ...problems(404) },
      },
    },
    async (request, reply) =>
      reply.send(siteOut(await changesBy(request).updateSite(siteId(request.params.id), request.body))),
  );
  api.get(
    '/sites/:id',
    {
      ...may.see,
      schema: {
        tags,
        operationId: 'getSite',
        summary: 'One site',
        description: SEEN,
        params: closed({ id: Type.String() }),
        response: { 200: SiteOut, ...problems(404) },
      },
    },
    (request) => {
      const { id } = request.params;
      const site = seenBy(request).registry.site(siteId(id));
      if (site === undefined) throw new NotFound('site-unknown', `no site ${JSON.stringify(id)} is registered`);
      return siteOut(site);
    },
  );
  api.get(
    '/sites',
    {
      ...may.see,
      schema: {
        tags,
        operationId: 'listSites',
        summary: 'List sites',
        description: `In order of id. ${SEEN}`,
        querystring: closed(pageQuery),
        response: {
          200: closed({ sites: Type.Array(SiteOut), next: Next }, { description: 'A page of sites' }),
          ...problems(),
        },
      },
    },
    (request, reply) => {
      const { page, next } = pageOf(seenBy(request).registry.sites(), ({ id }) => id, request.query);
      return { sites: page.map(siteOut), next: linkNext(request, reply, next) };
    },
  );
};
