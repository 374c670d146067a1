import { Type } from 'typebox';
import { families, quantityIds, quantityOf, type QuantityKind } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { oneOf } from '../wire.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';
import { SEEN } from './seen.ts';

const tags = ['vocabulary'];
const kinds = ['gauge', 'interval', 'counter', 'state'] as const satisfies readonly QuantityKind[];
const sends = ['json', 'lorawan'] as const;

const QuantityOut = closed({
  id: oneOf(quantityIds),
  name: Type.String(),
  family: oneOf(families, { description: 'The InfluxDB measurement that it is a field of' }),
  unit: Type.String({ description: 'UCUM code' }),
  kind: oneOf(kinds, { description: 'A level, a count over an interval, a running total, or a state' }),
  min: Type.Number({ description: 'No sensor can be right below' }),
  max: Type.Number({ description: 'No sensor can be right above' }),
});
const ProfileOut = closed({
  id: Type.String(),
  name: Type.String(),
  maker: Type.String(),
  sends: oneOf(sends),
  draft: Type.Boolean({
    description: 'Nobody has confirmed what its keys mean: uplinks of its devices wait in quarantine.',
  }),
  everySeconds: Type.Number({ description: 'How often such a device should be heard' }),
  version: Type.String({ description: 'Changes whenever the decoding does' }),
  fields: Type.Array(
    closed({
      key: Type.String({ description: 'As the device says it' }),
      quantity: oneOf(quantityIds),
      unit: Type.String({ description: 'As the device says it; a UCUM code' }),
    }),
  ),
});

/** What can be observed, and by which models: the words that the other routes use. */
export const vocabularyRoutes = (api: Http, { catalogue, may }: ApiParts): void => {
  api.get(
    '/quantities',
    {
      ...may.see,
      schema: {
        tags,
        operationId: 'listQuantities',
        summary: 'What can be observed',
        description: 'Each with its one canonical unit and its physical bounds. ' + SEEN,
        response: {
          200: closed({ quantities: Type.Array(QuantityOut) }, { description: 'All quantities' }),
          ...problems(),
        },
      },
    },
    () => ({
      quantities: quantityIds.map((id) => {
        const { name, family, unit, kind, min, max } = quantityOf(id);
        return { id, name, family, unit, kind, min, max };
      }),
    }),
  );
  api.get(
    '/profiles',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listProfiles',
        summary: 'Models of devices that are understood here',
        description: 'Needs `read`.',
        response: { 200: closed({ profiles: Type.Array(ProfileOut) }, { description: 'All profiles' }), ...problems() },
      },
    },
    () => ({
      profiles: catalogue.list().map(({ id, name, maker, sends, draft, everyMs, version, fields }) => ({
        id,
        name,
        maker,
        sends,
        draft,
        everySeconds: everyMs / 1000,
        version,
        fields: [...fields].map(([key, { quantity, unit }]) => ({ key, quantity, unit })),
      })),
    }),
  );
};
