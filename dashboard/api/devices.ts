import { Type, type Static } from 'typebox';
import { deviceId, iso, NotFound, parseIso, Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import type { SensorNow } from '../now/overview.ts';
import { conditions } from '../now/rules.ts';
import { isoOrNull, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['devices'];

const device = {
  id: Type.String({ description: 'Also its MQTT user name' }),
  devEui: textOrNull({ description: 'LoRaWAN DevEUI, 16 hexadecimal digits' }),
  profile: Type.String({ description: 'What it sends: `<maker>/<model>`, see /api/v1/profiles' }),
  name: Type.String(),
  status: oneOf(deviceStatuses, { description: 'Where it is in its life. A retired device is refused at the doors; its history stays' }),
  site: textOrNull({ description: 'Where it stands now' }),
  createdAt: time('When it was registered'),
  heardAt: timeOrNull('When its last message came in, as far as the last 31 days know'),
  condition: oneOf(conditions, {
    description: 'As the pages show it, worst first: alert, silent, late, never-heard, suspect, ok',
  }),
};
const DeviceOut = closed(device, { description: 'A piece of hardware that may speak to us' });
const RegisteredOut = closed({
  ...device,
  token: Type.String({ description: 'Its password for MQTT and HTTP. Shown this once and kept only as a hash' }),
});
const Id = closed({ id: Type.String({ description: 'Id of the device' }) });

const DeviceIn = closed({
  id: Type.String({ description: '1 to 64 letters, digits, `.`, `_`, `:` or `-`, beginning with a letter or digit' }),
  devEui: Type.Optional(Type.String({ description: 'LoRaWAN only' })),
  profile: Type.String(),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  site: Type.Optional(
    Type.String({ description: 'Deployed there. A site that is not registered yet is, with its id as its name' }),
  ),
  deployedFrom: Type.Optional(Type.String({ description: 'Since when, ISO 8601; unless given, for all its history' })),
});
const DeviceChange = closed({
  name: Type.Optional(Type.String({ maxLength: 200 })),
  status: Type.Optional(oneOf(deviceStatuses)),
  profile: Type.Optional(Type.String()),
  site: Type.Optional(Type.String({ description: 'Moves it there from now on' })),
});

const deviceOut = ({ device, site, heardAt, condition }: SensorNow): Static<typeof DeviceOut> => ({
  id: device.id,
  devEui: device.devEui ?? null,
  profile: device.profile,
  name: device.name,
  status: device.status,
  site: site?.id ?? null,
  createdAt: iso(device.createdAt),
  heardAt: isoOrNull(heardAt),
  condition,
});

/** The registered device of a path. @throws NotFound (`device-unknown`), Invalid (`invalid-id`). */
export const deviceOf = (registry: Registry, id: string): Device => {
  const device = registry.device({ by: 'id', value: deviceId(id) });
  if (device === undefined) throw new NotFound('device-unknown', `no device ${JSON.stringify(id)} is registered`);
  return device;
};

const instantOf = (field: string, text: string) => {
  const at = parseIso(text);
  if (at === undefined)
    throw new Invalid('time-invalid', `${field}: ${JSON.stringify(text)} is not a time such as 2026-11-23T15:00:00Z`);
  return at;
};

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
        querystring: closed(pageQuery),
        response: {
          200: closed({ devices: Type.Array(DeviceOut), next: Next }, { description: 'A page of devices' }),
          ...problems(),
        },
      },
    },
    (request, reply) => {
      const { page, next } = pageOf(registry.devices(), ({ id }) => id, request.query);
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
      const { deployedFrom, ...given } = request.body;
      const { device, token } = await changesBy(request).addDevice({
        ...given,
        ...(deployedFrom === undefined ? {} : { deployedFrom: instantOf('deployedFrom', deployedFrom) }),
      });
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
        body: DeviceChange,
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
