import { Type, type Static } from 'typebox';
import type { DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { lorawanKeyNames, type LorawanKeysHeld } from '../../infra/registry/contract.ts';
import { isoOrNull, oneOf, textOrNull, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf, Id } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['devices'];

const Held = closed(
  {
    device: Type.String(),
    held: Type.Array(oneOf(lorawanKeyNames), { description: 'The keys that are kept; nobody is told what they are' }),
    devAddr: textOrNull({ description: 'Of a device activated by personalisation' }),
    changedAt: timeOrNull('When they were last changed'),
  },
  { description: 'Which LoRaWAN keys of a device are kept, encrypted' },
);
const heldOut = (device: DeviceId, held: LorawanKeysHeld | undefined): Static<typeof Held> => ({
  device,
  held: [...(held?.held ?? [])],
  devAddr: held?.devAddr ?? null,
  changedAt: isoOrNull(held?.changedAt),
});

const key = (what: string) =>
  Type.Optional(
    Type.Union([
      Type.String({ maxLength: 80, description: `${what}: 32 hexadecimal digits` }),
      Type.Null({ description: 'Forgets it' }),
    ]),
  );
const NewKeys = closed({
  appKey: key('AppKey, the root key of LoRaWAN 1.0'),
  nwkKey: key('NwkKey, the second root key of LoRaWAN 1.1'),
  appSKey: key('AppSKey of a device activated by personalisation'),
  nwkSKey: key('NwkSKey of a device activated by personalisation'),
  devAddr: Type.Optional(
    Type.Union([Type.String({ maxLength: 40, description: 'Its DevAddr: 8 hexadecimal digits' }), Type.Null()]),
  ),
});

/** LoRaWAN keys: they go in, and never come out here. */
export const lorawanKeyRoutes = (api: Http, { registry, may, changesBy }: ApiParts): void => {
  api.get(
    '/devices/:id/lorawan-keys',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'getLorawanKeys',
        summary: 'Which LoRaWAN keys of a device are kept',
        description: 'Never the keys. Needs `manage`.',
        params: Id,
        response: { 200: Held, ...problems(404) },
      },
    },
    (request) => {
      const { id } = deviceOf(registry, request.params.id);
      return heldOut(id, registry.lorawanKeys(id));
    },
  );
  api.put(
    '/devices/:id/lorawan-keys',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'setLorawanKeys',
        summary: 'Keep LoRaWAN keys of a device',
        description:
          'They are encrypted and not to be had again. What is not given stays; null forgets it. Needs `manage`.',
        params: Id,
        body: NewKeys,
        response: { 200: Held, ...problems(404) },
      },
    },
    async (request) => {
      const { id } = deviceOf(registry, request.params.id);
      return heldOut(id, await changesBy(request).setLorawanKeys(id, request.body));
    },
  );
  api.delete(
    '/devices/:id/lorawan-keys',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'removeLorawanKeys',
        summary: 'Forget the LoRaWAN keys of a device',
        description: 'Needs `manage`.',
        params: Id,
        response: { 204: Type.Null({ description: 'Forgotten' }), ...problems(404) },
      },
    },
    async (request, reply) => {
      await changesBy(request).removeLorawanKeys(deviceOf(registry, request.params.id).id);
      return reply.status(204).send(null);
    },
  );
};
