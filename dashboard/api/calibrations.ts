import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Invalid, quantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { noDryRun, runOver } from '../../infra/reprocess/after-calibration.ts';
import type { Calibration } from '../../infra/registry/contract.ts';
import { fitted } from '../calibration/fitted.ts';
import { numberOrNull, oneOf } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { fitting, plotting } from './calibration-fits.ts';
import { CalibrationOut, calibrationOut, CorrectionShape, knownOf, Stretch } from './calibration-shapes.ts';
import { deviceOf, Id, instantOf } from './device-shapes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['calibrations'];

/** With the number of the run over history that a change of it set off. */
const WithRun = closed({
  ...CalibrationOut.properties,
  run: numberOrNull({
    description:
      'The run over the history for which it holds (`/api/v1/reprocessing`); ' +
      'null where there is none, or one waits already',
  }),
});
const Reprocess = Type.Optional(
  oneOf(['run', 'dry-run', 'leave'] as const, {
    default: 'run',
    description:
      'Whether what is kept already is run again: `run` or `leave`. ' +
      '`dry-run` is refused (`calibration-dry-run`): nothing is added or taken back to look at it',
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
          'Give a correction, or a stretch beside a reference from which a straight line is fitted. ' +
          'Observations that come in from now on are corrected, and those that are kept already are run again for ' +
          'its period. Needs `manage`.',
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
