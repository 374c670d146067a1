import { Type } from 'typebox';
import { quantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { ExplanationOut } from '../explain/shape.ts';
import { trying } from '../limits.ts';
import { closed, problems } from './answers.ts';
import { deviceOf } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';
import { timeIn } from './selection.ts';

/** How one stored value came about: from the bytes that were received to the means that it is in. */
export const explainRoutes = (api: Http, { registry, explaining, may }: ApiParts): void => {
  api.get(
    '/observations/explain',
    {
      ...may.read,
      ...trying,
      schema: {
        tags: ['observations'],
        operationId: 'explainObservation',
        summary: 'How one stored value came about',
        description:
          'The message with its payload, the decoded field, the unit conversion, the calibration, each quality test with its thresholds, what the' +
          " store has and whether today's code gives the same, and the means and counts that it is in. Nothing is changed. Needs `read`.",
        querystring: closed({
          device: Type.String({ maxLength: 64 }),
          quantity: Type.String({ maxLength: 64 }),
          time: Type.String({
            maxLength: 40,
            description: 'Its phenomenon time, ISO 8601, to the millisecond; without a zone it is UTC',
          }),
        }),
        response: { 200: ExplanationOut, ...problems(404, 429) },
      },
    },
    (request) => {
      const { device, quantity, time } = request.query;
      return explaining({
        device: deviceOf(registry, device).id,
        quantity: quantityId(quantity),
        time: timeIn('time', time),
        payload: true,
      });
    },
  );
};
