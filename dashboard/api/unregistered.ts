import { Type } from 'typebox';
import type { Http } from '../../infra/http/server.ts';
import { unregisteredOut } from '../radio/unregistered.ts';
import { numberOrNull, textOrNull, time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';

const UnregisteredShape = closed(
  {
    devEui: Type.String(),
    uplinks: Type.Integer({ description: 'How many of its messages wait in the quarantine' }),
    firstAt: time('When the first of them came in'),
    lastAt: time('When the last of them came in'),
    suggested: Type.Union(
      [
        closed({
          by: Type.String({ description: 'The door by which its network said it' }),
          model: textOrNull({ description: '`<brand>/<model>` in the words of the network' }),
          profile: textOrNull({ description: 'The profile that goes by that name here' }),
          latitude: numberOrNull({ description: 'Degrees, WGS 84' }),
          longitude: numberOrNull({ description: 'Degrees, WGS 84' }),
        }),
        Type.Null(),
      ],
      { description: 'What its network says that it is, and where; null where it says nothing' },
    ),
  },
  { description: 'A LoRaWAN device that nobody has registered' },
);

/** LoRaWAN devices that networks bring and nobody knows here. */
export const unregisteredRoutes = (api: Http, { registry, radio, catalogue, may }: ApiParts): void => {
  api.get(
    '/unregistered',
    {
      ...may.read,
      schema: {
        tags: ['devices'],
        operationId: 'listUnregistered',
        summary: 'LoRaWAN devices that nobody has registered',
        description:
          'Those that network servers or gateways brought uplinks of, last heard first, with what their network suggests. ' +
          'Once one is registered with its DevEUI, what waits of it comes in by itself. Needs `read`.',
        response: {
          200: closed(
            { unregistered: Type.Array(UnregisteredShape) },
            { description: 'Last heard first, a thousand at most' },
          ),
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      const profiles = catalogue.list();
      const found = await registry.unregistered();
      const events = await Promise.all(found.map(({ devEui }) => radio.events(devEui)));
      return reply.send({
        unregistered: found.map((one, index) => unregisteredOut(one, events[index] ?? [], profiles)),
      });
    },
  );
};
