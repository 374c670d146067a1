import { Type } from 'typebox';
import { iso, NotFound, quantityId, quantityOf } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { fitted } from '../calibration/fitted.ts';
import { fitPlot } from '../calibration/plot.ts';
import { time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { FitOut, fitOut, knownOf, Stretch } from './calibration-shapes.ts';
import { deviceOf, Id } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['calibrations'];
const SVG = 'image/svg+xml; charset=utf-8';

const PairOut = closed({
  time: time('Beginning of the hour, GMT'),
  sensor: Type.Number({ description: 'Hourly mean before any calibration' }),
  reference: Type.Number({ description: 'Hourly mean' }),
});

/** An answer of `POST /api/v1/devices/{id}/calibrations/fit`. */
export const FittedOut = closed({ unit: Type.String(), fit: FitOut, pairs: Type.Array(PairOut) });

/** What a stretch beside a reference says. */
export const fitting = (api: Http, parts: ApiParts): void => {
  api.post(
    '/devices/:id/calibrations/fit',
    {
      ...parts.may.manage,
      schema: {
        tags,
        operationId: 'fitCalibration',
        summary: 'What a stretch beside a reference says',
        description:
          'Hours in which both were measured for 75 % of the time, and the straight line through them by least ' +
          'squares. Changes nothing. Needs `manage`.',
        params: Id,
        body: closed({ quantity: Type.String(), ...Stretch.properties }),
        response: {
          200: {
            description: 'In order of time; as a picture with `Accept: image/svg+xml`',
            content: {
              'application/json': { schema: FittedOut },
              'image/svg+xml': {
                schema: Type.String({ description: 'Sensor against reference, the line, and how well it holds' }),
              },
            },
          },
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const { quantity: named, ...stretch } = request.body;
      const quantity = quantityId(named);
      const { fit, pairs } = await fitted(parts, { sensor: request.params.id, quantity, stretch });
      void reply.header('Vary', 'Accept');
      if (/\bimage\/svg\+xml\b/.test(request.headers.accept ?? ''))
        return reply.type(SVG).send(
          fitPlot({
            sensor: request.params.id,
            reference: fit.reference.device,
            quantity,
            from: fit.from,
            to: fit.to,
            fit,
            pairs,
          }),
        );
      return reply.type('application/json; charset=utf-8').send({
        unit: quantityOf(quantity).unit,
        fit: fitOut(fit),
        pairs: pairs.map((pair) => ({ ...pair, time: iso(pair.time) })),
      });
    },
  );
};

/** The picture of the stretch that a calibration was fitted to. */
export const plotting = (api: Http, parts: ApiParts): void => {
  api.get(
    '/devices/:id/calibrations/:quantity/:version/plot',
    {
      ...parts.may.read,
      schema: {
        tags,
        operationId: 'plotCalibration',
        summary: 'The stretch that a calibration was fitted to, as a picture',
        description: 'Made from what is stored of that stretch now; the line is the one that was kept. Needs `read`.',
        params: closed({ ...Id.properties, quantity: Type.String(), version: Type.Integer({ minimum: 1 }) }),
        response: {
          200: { description: 'Sensor against reference', content: { 'image/svg+xml': { schema: Type.String() } } },
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const { registry } = parts;
      const { id } = deviceOf(registry, request.params.id);
      const { fit, quantity } = knownOf(registry, { ...request.params, id });
      if (fit === undefined)
        throw new NotFound(
          'fit-unknown',
          `calibration ${request.params.version} of ${quantity} was given by its numbers, and fitted to no stretch`,
        );
      const { reference, from, to } = fit;
      const { pairs } = await fitted(parts, {
        sensor: id,
        quantity,
        stretch: { reference, from: iso(from), to: iso(to) },
      });
      return reply.type(SVG).send(fitPlot({ sensor: id, reference: reference.device, quantity, from, to, fit, pairs }));
    },
  );
};
