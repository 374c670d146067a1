import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { COEFFICIENTS_AT_MOST } from '../../device-profiles/calibration/correction.ts';
import { Invalid, iso, NotFound, quantityId, quantityOf } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { noDryRun, runOver } from '../../infra/reprocess/after-calibration.ts';
import type { Calibration, CalibrationFit } from '../../infra/registry/contract.ts';
import { fitted } from '../calibration/fitted.ts';
import { fitPlot } from '../calibration/plot.ts';
import { isoOrNull, numberOrNull, oneOf, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf, Id, instantOf } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['calibrations'];

const CorrectionShape = closed({
  coefficients: Type.Array(Type.Number(), {
    minItems: 1,
    maxItems: COEFFICIENTS_AT_MOST,
    description: 'c0 + c1 x + c2 x2 + ..., x in the unit of the quantity: `[offset, slope]` is the usual case',
  }),
  humidity: Type.Optional(
    closed(
      {
        kappa: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          description: '0.3 to 0.4 is in use (Crilley et al. 2018, AMT 11, 709)',
        }),
        by: oneOf(['humidity', 'internal_humidity'] as const, {
          description: 'Which humidity of the same message is taken',
        }),
      },
      {
        description:
          'Optical particle sensors only: takes the water out before the polynomial. Left out: nothing is taken out',
      },
    ),
  ),
});
const AgreementOut = closed({
  pairs: Type.Integer({ description: 'Hours' }),
  r2: Type.Number({ description: '0 to 1' }),
  bias: Type.Number({ description: 'Mean of sensor minus reference, in the unit of the quantity' }),
  rmse: Type.Number({ description: 'In the unit of the quantity' }),
});
const FitOut = closed({
  offset: Type.Number(),
  slope: Type.Number(),
  before: AgreementOut,
  after: AgreementOut,
  reference: closed({ device: Type.String(), quantity: Type.String() }),
  from: time('Inclusive'),
  to: time('Exclusive'),
});
const CalibrationOut = closed(
  {
    id: Type.String(),
    device: Type.String(),
    quantity: Type.String(),
    unit: Type.String({ description: 'UCUM, of the offset and of all that is corrected' }),
    version: Type.Integer({ description: '1, 2, 3, ... of that datastream; where several hold, the highest counts' }),
    from: time('Phenomenon time from which it holds, inclusive'),
    to: timeOrNull('Exclusive; null: until further notice'),
    correction: CorrectionShape,
    fit: Type.Unsafe<Static<typeof FitOut> | null>({
      anyOf: [FitOut, { type: 'null' }],
      description: 'From which stretch beside a reference it is, and how well it holds',
    }),
    author: Type.String({ description: 'Who answers for it' }),
    reason: Type.String(),
    createdAt: time('When it was put down'),
    withdrawnAt: timeOrNull('Since when it holds for no time'),
  },
  {
    description:
      'How a datastream is corrected from a time to a time. It is never changed: a later one takes its place',
  },
);

const fitOut = (fit: CalibrationFit): Static<typeof FitOut> => ({
  ...fit,
  reference: { ...fit.reference },
  before: { ...fit.before },
  after: { ...fit.after },
  from: iso(fit.from),
  to: iso(fit.to),
});
const calibrationOut = ({
  from,
  to,
  correction,
  fit,
  createdAt,
  withdrawnAt,
  ...one
}: Calibration): Static<typeof CalibrationOut> => ({
  ...one,
  unit: quantityOf(one.quantity).unit,
  from: iso(from),
  to: isoOrNull(to),
  correction: {
    coefficients: [...correction.coefficients],
    ...(correction.humidity === undefined ? {} : { humidity: { ...correction.humidity } }),
  },
  fit: fit === undefined ? null : fitOut(fit),
  createdAt: iso(createdAt),
  withdrawnAt: isoOrNull(withdrawnAt),
});

/** With the number of the run over history that a change of it set off. */
const WithRun = closed({
  ...CalibrationOut.properties,
  run: numberOrNull({
    description:
      'The run over the history for which it holds (`/api/v1/reprocessing`); null where there is none, or one waits already',
  }),
});
const Reprocess = Type.Optional(
  oneOf(['run', 'dry-run', 'leave'] as const, {
    default: 'run',
    description:
      'Whether what is kept already is run again: `run` or `leave`. `dry-run` is refused (`calibration-dry-run`): nothing is added or taken back to look at it',
  }),
);
type How = Static<typeof Reprocess> | undefined;
/** Before anything is changed. @throws Invalid (`calibration-dry-run`). */
const assertNoDryRun = (how: How, device: string): void => {
  const look = `a run of /api/v1/reprocessing over the device ${device} with "dryRun": true`;
  if (how === 'dry-run') throw noDryRun({ how: 'ask for "reprocess": "leave"', look });
};
/** What is kept already is run again, unless it is to be left. */
const runFor = async (
  { changesBy, reprocessing, clock }: ApiParts,
  request: FastifyRequest,
  { calibration, how }: { readonly calibration: Calibration; readonly how: How },
) => {
  if (how === 'leave') return null;
  const job = await runOver(calibration, { changes: changesBy(request), now: clock.now() });
  reprocessing.wake();
  return job?.id ?? null;
};

/** How datastreams are corrected. */
export const calibrationRoutes = (api: Http, parts: ApiParts): void => {
  reading(api, parts);
  adding(api, parts);
  fitting(api, parts);
  plotting(api, parts);
  withdrawing(api, parts);
};

const reading = (api: Http, { registry, may }: ApiParts): void => {
  api.get(
    '/devices/:id/calibrations',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listCalibrations',
        summary: 'How a device is corrected',
        description: 'Withdrawn calibrations too. Needs `read`.',
        params: Id,
        response: {
          200: closed(
            { calibrations: Type.Array(CalibrationOut) },
            { description: 'In order of quantity and version' },
          ),
          ...problems(404),
        },
      },
    },
    (request) => ({
      calibrations: registry.calibrations(deviceOf(registry, request.params.id).id).map(calibrationOut),
    }),
  );
};

const Stretch = closed({
  reference: closed({
    device: Type.String(),
    quantity: Type.Optional(Type.String({ description: 'The same as that of the sensor unless given' })),
  }),
  from: Type.String({ maxLength: 40, description: 'ISO 8601, inclusive' }),
  to: Type.String({ maxLength: 40, description: 'ISO 8601, exclusive' }),
});

const adding = (api: Http, parts: ApiParts): void => {
  const { registry, may, changesBy } = parts;
  api.post(
    '/devices/:id/calibrations',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'addCalibration',
        summary: 'Correct a datastream from a time on',
        description:
          'Give a correction, or a stretch beside a reference from which a straight line is fitted. Observations that come in from now on are corrected, and those that are kept already are run again for its period. Needs `manage`.',
        params: Id,
        body: closed({
          quantity: Type.String(),
          from: Type.String({ maxLength: 40, description: 'ISO 8601: phenomenon time from which it holds' }),
          to: Type.Optional(
            Type.String({ maxLength: 40, description: 'ISO 8601, exclusive; until further notice unless given' }),
          ),
          correction: Type.Optional(CorrectionShape),
          fit: Type.Optional(Stretch),
          author: Type.String({ maxLength: 200, description: 'Who answers for it' }),
          reason: Type.String({ maxLength: 200 }),
          reprocess: Reprocess,
        }),
        response: { 201: { ...WithRun, description: 'It holds' }, ...problems(404) },
      },
    },
    async (request, reply) => {
      const { quantity: named, from, to, correction, fit: stretch, author, reason, reprocess: how } = request.body;
      const { id } = deviceOf(registry, request.params.id);
      assertNoDryRun(how, id);
      const quantity = quantityId(named);
      if ((correction === undefined) === (stretch === undefined))
        throw new Invalid(
          'request-invalid',
          'a calibration has a `correction`, or a stretch for its `fit`: one of the two',
        );
      const fit =
        stretch === undefined ? undefined : (await fitted(parts, { sensor: request.params.id, quantity, stretch })).fit;
      const calibration = await changesBy(request).calibrate(id, {
        quantity,
        from: instantOf('from', from),
        ...(to === undefined ? {} : { to: instantOf('to', to) }),
        correction: correction ?? { coefficients: fit === undefined ? [] : [fit.offset, fit.slope] },
        ...(fit === undefined ? {} : { fit }),
        author,
        reason,
      });
      return reply
        .status(201)
        .send({ ...calibrationOut(calibration), run: await runFor(parts, request, { calibration, how }) });
    },
  );
};

const PairOut = closed({
  time: time('Beginning of the hour, GMT'),
  sensor: Type.Number({ description: 'Hourly mean before any calibration' }),
  reference: Type.Number({ description: 'Hourly mean' }),
});

/** An answer of `POST /api/v1/devices/{id}/calibrations/fit`. */
export const FittedOut = closed({ unit: Type.String(), fit: FitOut, pairs: Type.Array(PairOut) });

const fitting = (api: Http, parts: ApiParts): void => {
  api.post(
    '/devices/:id/calibrations/fit',
    {
      ...parts.may.manage,
      schema: {
        tags,
        operationId: 'fitCalibration',
        summary: 'What a stretch beside a reference says',
        description:
          'Hours in which both were measured for 75 % of the time, and the straight line through them by least squares. Changes nothing. Needs `manage`.',
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

const SVG = 'image/svg+xml; charset=utf-8';

const plotting = (api: Http, parts: ApiParts): void => {
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

/** @throws NotFound (`calibration-unknown`). */
const knownOf = (
  registry: Pick<ApiParts['registry'], 'calibrations'>,
  {
    id,
    quantity,
    version,
  }: { readonly id: Calibration['device']; readonly quantity: string; readonly version: number },
): Calibration => {
  const known = registry.calibrations(id).find((one) => one.quantity === quantity && one.version === version);
  if (known === undefined)
    throw new NotFound(
      'calibration-unknown',
      `${id} has no calibration ${version} of ${JSON.stringify(quantity.slice(0, 80))}`,
    );
  return known;
};

const withdrawing = (api: Http, parts: ApiParts): void => {
  const { registry, may, changesBy } = parts;
  api.post(
    '/devices/:id/calibrations/:quantity/:version/withdraw',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'withdrawCalibration',
        summary: 'Take a calibration back',
        description:
          'From now on it holds for no time; it stays in the list. What it corrected is run again. Needs `manage`.',
        params: closed({ ...Id.properties, quantity: Type.String(), version: Type.Integer({ minimum: 1 }) }),
        querystring: closed({ reprocess: Reprocess }),
        response: { 200: { ...WithRun, description: 'Withdrawn' }, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { id } = deviceOf(registry, request.params.id);
      assertNoDryRun(request.query.reprocess, id);
      const calibration = await changesBy(request).withdrawCalibration(knownOf(registry, { ...request.params, id }).id);
      return {
        ...calibrationOut(calibration),
        run: await runFor(parts, request, { calibration, how: request.query.reprocess }),
      };
    },
  );
};
