import { Type, type Static } from 'typebox';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { downlinkFor } from '../../infra/network-server/command.ts';
import { downlinkStates, networkNames, type KeptDownlink } from '../../infra/network-server/contract.ts';
import { oneOf, textOrNull, time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf, Id } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['network servers'];

const DownlinkOut = closed(
  {
    id: Type.String(),
    device: Type.String(),
    network: oneOf(networkNames),
    fPort: Type.Integer(),
    hex: Type.String({ description: 'The bytes' }),
    confirmed: Type.Boolean({ description: 'The device is to acknowledge it' }),
    state: oneOf(downlinkStates, {
      description:
        '`queued`: it waits here. `accepted`: the network server has it. ' +
        '`sent`: a gateway sent it, which for one that is not confirmed is all that can be known',
    }),
    reason: textOrNull({ description: 'Why the network server did not take it' }),
    detail: textOrNull({}),
    by: Type.String({ description: 'Who gave it' }),
    createdAt: time('When it was given'),
    changedAt: time('Since when it has that state'),
  },
  { description: 'A command to a device, and what became of it' },
);
const downlinkOut = ({
  payload,
  by,
  createdAt,
  changedAt,
  reason,
  detail,
  ...one
}: KeptDownlink): Static<typeof DownlinkOut> => ({
  id: one.id,
  device: one.device,
  network: one.network,
  fPort: one.fPort,
  hex: Buffer.from(payload).toString('hex'),
  confirmed: one.confirmed,
  state: one.state,
  reason: reason ?? null,
  detail: detail ?? null,
  by: by.name,
  createdAt: iso(createdAt),
  changedAt: iso(changedAt),
});

/** As many as are kept of one device. */
const LISTED_AT_MOST = 200;

/** Commands to LoRaWAN devices. */
export const downlinkRoutes = (api: Http, { registry, catalogue, networks, may, changesBy }: ApiParts): void => {
  api.get(
    '/devices/:id/downlinks',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'listDownlinks',
        summary: 'The commands that were given to a device',
        description: 'Needs `manage`.',
        params: Id,
        response: {
          200: closed({ downlinks: Type.Array(DownlinkOut) }, { description: 'Newest first' }),
          ...problems(404),
        },
      },
    },
    async (request) => {
      const { id } = deviceOf(registry, request.params.id);
      return { downlinks: (await registry.downlinks({ device: id, limit: LISTED_AT_MOST })).map(downlinkOut) };
    },
  );
  api.post(
    '/devices/:id/downlinks',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'sendDownlink',
        summary: 'Give a command to a device',
        description:
          "As bytes (`hex` and `fPort`), or in the words of its profile's codec (`data`). It reaches the device after its next uplink. Needs `manage`.",
        params: Id,
        body: closed({
          hex: Type.Optional(Type.String({ maxLength: 1_000, description: 'Hexadecimal' })),
          data: Type.Optional(
            Type.Record(Type.String(), Type.Unknown(), {
              description: 'Such as `{"interval":600}` or `{"reboot":true}`',
            }),
          ),
          fPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 223 })),
          confirmed: Type.Optional(Type.Boolean({ description: 'False unless given' })),
        }),
        response: { 202: { ...DownlinkOut, description: 'It waits for the network server' }, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const device = deviceOf(registry, request.params.id);
      const network = await networks.networkFor(device);
      const downlink = await downlinkFor(device, catalogue.get(device.profile), request.body);
      return reply
        .status(202)
        .send(downlinkOut(await changesBy(request).sendDownlink(device.id, { network, ...downlink })));
    },
  );
};
