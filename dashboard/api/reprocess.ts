import { Type, type Static } from 'typebox';
import { Invalid, iso, NotFound, quantityOf, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import {
  jobStates,
  scopeKinds,
  type Difference,
  type Job,
  type QuantityResult,
} from '../../infra/reprocess/contract.ts';
import { isoOrNull, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { instantOf } from './device-shapes.ts';
import { cursorInvalid, LIMIT_DEFAULT, linkNext, Next, opened, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['reprocessing'];
const count = (description: string) => Type.Integer({ minimum: 0, description });

const DifferenceOut = closed({
  device: Type.String(),
  quantity: Type.String(),
  unit: Type.String({ description: 'UCUM, of both values' }),
  time: time('Phenomenon time'),
  before: Type.Number({ description: 'As it was stored' }),
  after: Type.Number(),
});
const QuantityOut = closed({
  quantity: Type.String(),
  unit: Type.String({ description: 'UCUM' }),
  same: count('Values as they were'),
  value: count('With another value, or another raw number'),
  flag: count('The same value with another flag, or another reason for it'),
  site: count('The same value and flag at another site, or in another borough'),
  new: count('Not stored before'),
  withdrawn: count('Stored, and not said by their uplinks any more'),
  kept: count('Left as they were stored: their uplink is refused now, or speaks of a time beyond the span'),
  fromRaw: count('Of all these, worked out from the raw number beside them, because their uplinks are gone'),
  asStored: count(
    'Of these in turn, taken as they were stored, because no single field of the profile explains their raw number',
  ),
  reflagged: count('Of all these, those with another flag, or another reason for it: those with another value too'),
  changes: count('Numbers that became other numbers'),
  meanChange: Type.Unsafe<number | null>({
    type: ['number', 'null'],
    description: 'Mean of after minus before over these; null where there are none',
  }),
  largest: Type.Unsafe<Static<typeof DifferenceOut> | null>({
    anyOf: [DifferenceOut, { type: 'null' }],
    description: 'The largest of these',
  }),
});
const ResultOut = closed({
  devices: count('Devices of the scope'),
  devicesDone: count('Of these, done'),
  uplinks: count(
    'Their uplinks that speak of the span, from the journal and the quarantine; those that are refused by when they came in',
  ),
  read: count('Of these, understood'),
  refused: Type.Array(closed({ reason: Type.String(), uplinks: count('What is stored of them stays') })),
  released: count('Quarantined uplinks that are understood now and leave the quarantine'),
  since: timeOrNull(
    'Later than asked for: before it too little is kept to judge by, and what is stored was left as it is; null where all was looked at',
  ),
  quantities: Type.Array(QuantityOut),
  largest: Type.Array(DifferenceOut, {
    description:
      'The ten largest differences of numbers, by their share of what the quantity can be; the largest first',
  }),
  hours: count('Hours (GMT) of devices in which something differs'),
  days: count('Days of UK clocks of devices in which something differs'),
});
/** A run over history as the API gives it out. */
export const RunOut = closed(
  {
    id: Type.Integer(),
    scope: closed({ kind: oneOf(scopeKinds), id: Type.String() }),
    from: time('Phenomenon time, inclusive'),
    to: time('Exclusive'),
    dryRun: Type.Boolean({ description: 'Only looked at: nothing is changed' }),
    reason: textOrNull({}),
    by: Type.String({ description: 'Who asked for it' }),
    createdAt: time('When it was asked for'),
    startedAt: timeOrNull('Null while it waits'),
    endedAt: timeOrNull('Null until it is over'),
    state: oneOf(jobStates, { description: '`waiting` and `running` go on, also after a restart of the server' }),
    progress: Type.Number({ description: '0 to 1' }),
    result: ResultOut,
    fault: textOrNull({ description: 'Why it failed' }),
  },
  { description: 'A run over history, with what it has found so far' },
);

const differenceOut = ({ time: at, ...difference }: Difference): Static<typeof DifferenceOut> => ({
  ...difference,
  unit: quantityOf(difference.quantity).unit,
  time: iso(at),
});
const quantityOut = ({ added, change, largest, ...one }: QuantityResult): Static<typeof QuantityOut> => ({
  ...one,
  unit: quantityOf(one.quantity).unit,
  new: added,
  meanChange: one.changes === 0 ? null : Number((change / one.changes).toPrecision(6)),
  largest: largest === undefined ? null : differenceOut(largest),
});
const runOut = ({
  from,
  to,
  reason,
  actor,
  createdAt,
  startedAt,
  endedAt,
  result,
  fault,
  scope,
  ...job
}: Job): Static<typeof RunOut> => ({
  ...job,
  scope: { ...scope },
  from: iso(from),
  to: iso(to),
  reason: reason ?? null,
  by: actor.name,
  createdAt: iso(createdAt),
  startedAt: isoOrNull(startedAt),
  endedAt: isoOrNull(endedAt),
  result: {
    ...result,
    since: isoOrNull(result.since),
    refused: result.refused.map((one) => ({ ...one })),
    quantities: result.quantities.map(quantityOut),
    largest: result.largest.map(differenceOut),
  },
  fault: fault ?? null,
});

/** What is kept, run again. */
export const reprocessRoutes = (api: Http, parts: ApiParts): void => {
  starting(api, parts);
  listing(api, parts);
  one(api, parts);
  cancelling(api, parts);
};

const starting = (api: Http, { reprocessing, may, changesBy, clock }: ApiParts): void => {
  api.post(
    '/reprocessing',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'startReprocessing',
        summary: 'Run history again',
        description:
          'Reads the uplinks of the journal again with the profiles, calibrations and limits of now, ' +
          'and what is older than the journal from the raw numbers in the store; then corrects what is stored. ' +
          'With `dryRun` it counts what would change, and changes nothing. Runs wait for each other. Needs `manage`.',
        body: closed({
          scope: closed({ kind: oneOf(scopeKinds), id: Type.String({ maxLength: 200 }) }),
          from: Type.String({ maxLength: 40, description: 'ISO 8601: phenomenon time, inclusive' }),
          to: Type.String({ maxLength: 40, description: 'Exclusive; not in the future' }),
          dryRun: Type.Optional(Type.Boolean({ default: false })),
          reason: Type.Optional(Type.String({ maxLength: 200, description: 'For whoever reads it in five years' })),
        }),
        response: { 202: { ...RunOut, description: 'It waits, or has begun' }, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { scope, from, to, dryRun = false, reason } = request.body;
      const span = { from: instantOf('from', from), to: instantOf('to', to) };
      assertPast(span.to, clock.now());
      const job = await changesBy(request).askReprocess({
        scope,
        ...span,
        dryRun,
        ...(reason === undefined ? {} : { reason }),
      });
      reprocessing.wake();
      return reply.status(202).send(runOut(job));
    },
  );
};

const assertPast = (to: Instant, now: Instant): void => {
  if (to > now) throw new Invalid('date-in-future', `to: ${iso(to)} lies in the future: nothing is kept of it yet`);
};

const listing = (api: Http, { registry, may }: ApiParts): void => {
  api.get(
    '/reprocessing',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listReprocessing',
        summary: 'Runs over history',
        description: 'Newest first. Needs `read`.',
        querystring: closed(pageQuery),
        response: {
          200: closed({ runs: Type.Array(RunOut), next: Next }, { description: 'A page of runs' }),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor } = request.query;
      const runs = await registry.reprocessJobs({
        limit,
        ...(cursor === undefined ? {} : { before: idOf(opened(cursor)) }),
      });
      const last = runs.at(-1);
      const next = runs.length === limit && last !== undefined ? sealed(String(last.id)) : undefined;
      return { runs: runs.map(runOut), next: linkNext(request, reply, next) };
    },
  );
};

const idOf = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw cursorInvalid();
  return Number(text);
};

const Run = closed({ id: Type.Integer({ minimum: 1 }) });

const one = (api: Http, { reprocessing, may }: ApiParts): void => {
  api.get(
    '/reprocessing/:id',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'getReprocessing',
        summary: 'One run over history',
        description: 'With what it has found up to now. Needs `read`.',
        params: Run,
        response: { 200: RunOut, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const job = await reprocessing.job(id);
      if (job === undefined) throw new NotFound('reprocess-unknown', `there is no run ${id} over history`);
      return runOut(job);
    },
  );
};

const cancelling = (api: Http, { reprocessing, may, changesBy }: ApiParts): void => {
  api.post(
    '/reprocessing/:id/cancel',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'cancelReprocessing',
        summary: 'Call a run off',
        description: 'What it has corrected already stays; the same run asked for again does the rest. Needs `manage`.',
        params: Run,
        response: { 200: { ...RunOut, description: 'Called off' }, ...problems(404, 409) },
      },
    },
    async (request) => {
      const job = await changesBy(request).cancelReprocess(request.params.id);
      reprocessing.wake();
      return runOut(job);
    },
  );
};
