import { Type } from 'typebox';
import { deviceId, iso, NotFound, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { DeviceIn, deviceOut, newDeviceOf, RegisteredOut } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['devices'];

const ClaimOut = closed(
  {
    via: Type.String({ description: 'The gateway device that forwarded it' }),
    device: Type.String({ description: 'What the gateway calls it' }),
    uplinks: Type.Integer({ description: 'How many of its messages wait in the quarantine' }),
    firstAt: time('When the first of them came in'),
    lastAt: time('When the last of them came in'),
  },
  { description: 'A device that a gateway speaks for and nobody has registered' },
);

/** New devices behind gateways: listed, and claimed by whoever knows what they are. */
export const claimRoutes = (api: Http, { registry, now, may, changesBy }: ApiParts): void => {
  api.get(
    '/claims',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listClaims',
        summary: 'Devices that wait to be claimed',
        description:
          'Those that gateways forwarded messages of and nobody has registered, last heard first. Needs `read`.',
        response: { 200: closed({ claims: Type.Array(ClaimOut) }, { description: 'Last heard first' }), ...problems() },
      },
    },
    async (_request, reply) => {
      const claims = await registry.claims();
      return reply.send({
        claims: claims.map(({ via, device, uplinks, firstAt, lastAt }) => ({
          via,
          device,
          uplinks,
          firstAt: iso(firstAt),
          lastAt: iso(lastAt),
        })),
      });
    },
  );
  api.post(
    '/claims/:device',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'claimDevice',
        summary: 'Claim a device',
        description:
          'Registers the device that a gateway speaks for. What waits of it in the quarantine is driven through the ' +
          'pipeline a moment later, by itself. Needs `manage`.',
        params: closed({ device: Type.String({ description: 'What the gateway calls it' }) }),
        body: Type.Omit(DeviceIn, ['id'], { additionalProperties: false }),
        response: { 201: { ...RegisteredOut, description: 'Claimed' }, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const id = deviceId(request.params.device);
      await assertClaimed(registry, id);
      const { device, token } = await changesBy(request).addDevice(newDeviceOf({ ...request.body, id }));
      return reply
        .status(201)
        .header('Cache-Control', 'no-store')
        .send({ ...deviceOut(now.sensor(device)), token });
    },
  );
};

/** @throws NotFound (`claim-unknown`). */
const assertClaimed = async (registry: Registry, id: DeviceId): Promise<void> => {
  const claims = await registry.claims();
  if (!claims.some(({ device }) => device === id))
    throw new NotFound(
      'claim-unknown',
      `no gateway has brought a message of ${JSON.stringify(id)} that waits for its device`,
    );
};
