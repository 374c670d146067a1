import { Type } from 'typebox';
import type { Http } from '../../infra/http/server.ts';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import { oneOf } from '../wire.ts';
import { closed, problems } from './answers.ts';
import {
  DeviceChangeIn,
  DeviceIn,
  deviceOf,
  DeviceOut,
  deviceOut,
  Id,
  newDeviceOf,
  RegisteredOut,
} from './device-shapes.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['devices'];

/** Devices: registered, listed, changed, removed. */
export const deviceRoutes = (api: Http, parts: ApiParts): void => {
  reading(api, parts);
  changing(api, parts);
};

const reading = (api: Http, { registry, now, may }: ApiParts): void => {
  api.get(
    '/devices',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listDevices',
        summary: 'List devices',
        description: 'In order of id. Needs `read`.',
        querystring: closed({
          ...pageQuery,
          status: Type.Optional(oneOf(deviceStatuses, { description: 'Only these' })),
        }),
        response: {
          200: closed({ devices: Type.Array(DeviceOut), next: Next }, { description: 'A page of devices' }),
          ...problems(),
        },
      },
    },
    (request, reply) => {
      const { status } = request.query;
      const devices = registry.devices().filter((device) => status === undefined || device.status === status);
      const { page, next } = pageOf(devices, ({ id }) => id, request.query);
      return { devices: page.map((device) => deviceOut(now.sensor(device))), next: linkNext(request, reply, next) };
    },
  );
  api.get(
    '/devices/:id',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'getDevice',
        summary: 'One device',
        description: 'Needs `read`.',
        params: Id,
        response: { 200: DeviceOut, ...problems(404) },
      },
    },
    (request) => deviceOut(now.sensor(deviceOf(registry, request.params.id))),
  );
};

const changing = (api: Http, { registry, now, may, changesBy }: ApiParts): void => {
  api.post(
    '/devices',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'addDevice',
        summary: 'Register a device',
        description: 'Answers its token, this once. Needs `manage`.',
        body: DeviceIn,
        response: { 201: { description: 'Registered', ...RegisteredOut }, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { device, token } = await changesBy(request).addDevice(newDeviceOf(request.body));
      return reply
        .status(201)
        .header('Location', `/api/v1/devices/${encodeURIComponent(device.id)}`)
        .header('Cache-Control', 'no-store')
        .send({ ...deviceOut(now.sensor(device)), token });
    },
  );
  api.patch(
    '/devices/:id',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'changeDevice',
        summary: 'Change, move or retire a device',
        description: 'Only what is given changes. Needs `manage`.',
        params: Id,
        body: DeviceChangeIn,
        response: { 200: DeviceOut, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = deviceOf(registry, request.params.id);
      return reply.send(deviceOut(now.sensor(await changesBy(request).updateDevice(id, request.body))));
    },
  );
  api.delete(
    '/devices/:id',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'removeDevice',
        summary: 'Remove a device',
        description:
          'Its credentials and deployments go, its observations stay. To keep it on record, change its status ' +
          'to `retired` instead. Needs `manage`.',
        params: Id,
        response: { 204: Type.Null({ description: 'Removed' }), ...problems(404) },
      },
    },
    async (request, reply) => {
      await changesBy(request).removeDevice(deviceOf(registry, request.params.id).id);
      return reply.status(204).send(null);
    },
  );
};
