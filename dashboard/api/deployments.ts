import { Type, type Static } from 'typebox';
import { deviceId, iso, NotFound, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Deployment, NewDevice } from '../../infra/registry/contract.ts';
import { isoOrNull, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf, DeviceOut, deviceOut, Id, instantOf, SuccessorIn, Token } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['devices'];

const DeploymentOut = closed(
  {
    device: Type.String(),
    site: Type.String(),
    from: time('Inclusive; 1970 means that it has always stood there, as far as anybody knows'),
    to: timeOrNull('Exclusive; null while it lasts'),
  },
  { description: 'A device at a site, from a time to a time' },
);
const deploymentOut = ({ device, site, from, to }: Deployment): Static<typeof DeploymentOut> => ({
  device,
  site,
  from: iso(from),
  to: isoOrNull(to),
});
const Deployments = closed(
  { deployments: Type.Array(DeploymentOut) },
  { description: 'In order of device and beginning' },
);
const when = (description: string) => Type.Optional(Type.String({ maxLength: 40, description }));
const instantOrNone = (field: string, text: string | undefined) =>
  text === undefined ? undefined : instantOf(field, text);

/** Where devices stood and stand, and how one takes the place of another. */
export const deploymentRoutes = (api: Http, parts: ApiParts): void => {
  reading(api, parts);
  placing(api, parts);
  replacing(api, parts);
};

const reading = (api: Http, { registry, may }: ApiParts): void => {
  api.get(
    '/devices/:id/deployments',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listDeployments',
        summary: 'Where a device stood',
        description: 'Needs `read`.',
        params: Id,
        response: { 200: Deployments, ...problems(404) },
      },
    },
    (request) => {
      const { id } = deviceOf(registry, request.params.id);
      return {
        deployments: registry
          .deployments()
          .filter(({ device }) => device === id)
          .map(deploymentOut),
      };
    },
  );
  api.get(
    '/sites/:id/deployments',
    {
      ...may.read,
      schema: {
        tags: ['sites'],
        operationId: 'listSiteDeployments',
        summary: 'Which devices stood at a site',
        description: 'A site outlives its devices: those that were replaced are here too. Needs `read`.',
        params: closed({ id: Type.String() }),
        response: { 200: Deployments, ...problems(404) },
      },
    },
    (request) => {
      const id = siteId(request.params.id);
      if (registry.site(id) === undefined)
        throw new NotFound('site-unknown', `no site ${JSON.stringify(id)} is registered`);
      return {
        deployments: registry
          .deployments()
          .filter(({ site }) => site === id)
          .map(deploymentOut),
      };
    },
  );
};

const placing = (api: Http, { registry, may, changesBy }: ApiParts): void => {
  api.post(
    '/devices/:id/deployments',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'deployDevice',
        summary: 'Put down where a device stood or stands',
        description:
          'For what is past as well: observations that come in afterwards belong to the site of their time. It may not ' +
          'overlap another deployment of the device. Needs `manage`.',
        params: Id,
        body: closed({
          site: Type.String({ description: 'One that is not registered yet is, with its id as its name' }),
          from: when('ISO 8601; now unless given'),
          to: when('ISO 8601; it lasts unless given'),
        }),
        response: { 201: { ...DeploymentOut, description: 'Deployed' }, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { site } = request.body;
      const from = instantOrNone('from', request.body.from);
      const to = instantOrNone('to', request.body.to);
      const deployment = await changesBy(request).deploy(deviceOf(registry, request.params.id).id, {
        site,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
      return reply.status(201).send(deploymentOut(deployment));
    },
  );
  api.post(
    '/devices/:id/withdraw',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'withdrawDevice',
        summary: 'Take a device down',
        description: 'Ends the deployment that lasts, and calls off what is planned for later. Needs `manage`.',
        params: Id,
        body: closed({ at: when('ISO 8601; now unless given') }),
        response: { 200: { ...DeploymentOut, description: 'What ended' }, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = deviceOf(registry, request.params.id);
      const ended = await changesBy(request).withdraw(id, instantOrNone('at', request.body.at));
      return reply.send(deploymentOut(ended));
    },
  );
};

const replacing = (api: Http, { registry, now, may, changesBy }: ApiParts): void => {
  api.post(
    '/devices/:id/replace',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'replaceDevice',
        summary: 'Swap a broken device at its site',
        description:
          "The old one's deployment ends and it is retired; the new one's begins at the same site at the same moment, so " +
          "that the site's series go on. Needs `manage`.",
        params: Id,
        body: closed({
          by: Type.Union([Type.String({ description: 'Id of a registered device that stands nowhere' }), SuccessorIn], {
            description: 'The new device: one that is registered, or one to register',
          }),
          at: when('ISO 8601; now unless given'),
        }),
        response: {
          200: closed(
            {
              old: DeviceOut,
              device: DeviceOut,
              site: Type.String(),
              at: time('When the one followed the other'),
              token: Type.Optional(Token),
            },
            { description: 'Replaced. `token` is there when the new device was registered with this' },
          ),
          ...problems(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { by } = request.body;
      const { id } = deviceOf(registry, request.params.id);
      const successor: NewDevice | ReturnType<typeof deviceId> = typeof by === 'string' ? deviceId(by) : by;
      const replaced = await changesBy(request).replaceDevice(id, successor, instantOrNone('at', request.body.at));
      const { old, device, site, at, token } = replaced;
      return reply.header('Cache-Control', 'no-store').send({
        old: deviceOut(now.sensor(old)),
        device: deviceOut(now.sensor(device)),
        site,
        at: iso(at),
        ...(token === undefined ? {} : { token }),
      });
    },
  );
};
