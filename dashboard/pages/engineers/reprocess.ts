import {
  KerbsideError,
  NotFound,
  quantityOf,
  quarantineReasons,
  type Instant,
} from '../../../device-profiles/vocabulary/index.ts';
import {
  isUnfinished,
  scopeKinds,
  type Difference,
  type Job,
  type JobState,
} from '../../../infra/reprocess/contract.ts';
import { londonWords } from '../../uk-time.ts';
import { again, changesOf, fresh, refusedAt, type FieldError } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import { deviceHref, when } from '../models.ts';
import type { Page } from '../page.ts';
import { numberWords, quarantineWords, unitWords } from '../words.ts';
import { momentHint, momentIn } from './moments.ts';
import { withQuery, type EngineerParts } from './parts.ts';
import { englishWords } from '../../words/index.ts';

const HREF = '/engineer/reprocess';
const RUNS_A_PAGE = 25;

const stateWords: Readonly<Record<JobState, string>> = {
  waiting: 'Waits',
  running: 'Runs',
  done: 'Done',
  cancelled: 'Called off',
  failed: 'Failed',
};
const kindWords = { device: 'Sensor', profile: 'Model', site: 'Site' } as const;

interface Typed {
  readonly kind: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly dryRun: string;
}

const typedIn = (read: (name: string) => string | undefined): Typed => {
  const of = (name: string): string => read(name)?.trim().slice(0, 200) ?? '';
  return { kind: of('kind'), id: of('id'), from: of('from'), to: of('to'), reason: of('reason'), dryRun: of('dryRun') };
};

const listPage = async ({ registry, clock }: EngineerParts, typed: Typed, before?: number): Promise<Page> => {
  const now = clock.now();
  const jobs = await registry.reprocessJobs({ limit: RUNS_A_PAGE, ...(before === undefined ? {} : { before }) });
  const last = jobs.at(-1);
  return {
    template: 'engineers/runs',
    title: 'Run history again',
    section: 'engineer',
    content: {
      typed,
      momentHint,
      kinds: scopeKinds.map((kind) => ({
        value: kind,
        text: kindWords[kind],
        checked: kind === (typed.kind || 'device'),
      })),
      how: [
        {
          value: 'yes',
          text: 'Show me first what would change',
          hint: { text: 'A dry run: nothing is changed' },
          checked: typed.dryRun !== 'no',
        },
        { value: 'no', text: 'Correct what is stored', checked: typed.dryRun === 'no' },
      ],
      next:
        jobs.length === RUNS_A_PAGE && last !== undefined ? withQuery(HREF, { before: String(last.id) }) : undefined,
      runs: jobs.map((job) => ({
        ...headOf(job),
        asked: when(job.createdAt, now, englishWords),
        changes: job.result.quantities
          .reduce((sum, one) => sum + one.value + one.flag + one.added + one.withdrawn, 0)
          .toLocaleString('en-GB'),
      })),
    },
  };
};

const headOf = ({ id, scope, from, to, dryRun, state, progress, actor, reason }: Job) => ({
  id,
  href: `${HREF}/${id}`,
  scope: `${kindWords[scope.kind]} ${scope.id}`,
  from: londonWords(from),
  to: londonWords(to),
  dryRun,
  state: stateWords[state],
  percent: Math.floor(100 * progress),
  by: actor.name,
  reason,
});

const spanOf = (typed: Typed, now: Instant): { readonly from: Instant; readonly to: Instant } | FieldError => {
  let field = 'from';
  try {
    const from = momentIn(typed.from);
    field = 'to';
    const to = momentIn(typed.to) ?? now;
    if (from === undefined) return { field: 'from', text: 'Enter from when' };
    if (from > now) return { field: 'from', text: 'This lies in the future: nothing is kept of it yet' };
    if (to > now) return { field: 'to', text: 'This lies in the future: nothing is kept of it yet' };
    if (from >= to) return { field: 'to', text: 'It must end after it begins' };
    return { from, to };
  } catch (error) {
    return refusedAt(field, error);
  }
};

const start = async (parts: EngineerParts, visit: Visit): Promise<Shown> => {
  const typed = typedIn((name) => visit.field(name));
  const wrong = async (...errors: readonly FieldError[]): Promise<Shown> => again(await listPage(parts, typed), errors);
  const kind = scopeKinds.find((one) => one === typed.kind);
  if (kind === undefined) return wrong({ field: 'kind', text: 'Choose of what' });
  if (typed.id === '') return wrong({ field: 'id', text: 'Enter which one' });
  const span = spanOf(typed, parts.clock.now());
  if ('field' in span) return wrong(span);
  try {
    const job = await changesOf(parts, visit).askReprocess({
      scope: { kind, id: typed.id },
      ...span,
      dryRun: typed.dryRun !== 'no',
      ...(typed.reason === '' ? {} : { reason: typed.reason }),
    });
    parts.reprocessing.wake();
    return { to: `${HREF}/${job.id}` };
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    return wrong(
      refusedAt(error.code === 'span-invalid' ? 'to' : error.code === 'name-invalid' ? 'reason' : 'id', error),
    );
  }
};

/** @throws NotFound (`reprocess-unknown`). */
const jobIn = async ({ reprocessing }: EngineerParts, visit: Visit): Promise<Job> => {
  const text = visit.param('id');
  const job = /^\d{1,15}$/.test(text) ? await reprocessing.job(Number(text)) : undefined;
  if (job === undefined) throw new NotFound('reprocess-unknown', `There is no run ${text.slice(0, 20)} over history`);
  return job;
};

const differenceView = ({ device, quantity, time, before, after }: Difference) => ({
  device,
  href: deviceHref(device),
  name: quantityOf(quantity).name,
  time: londonWords(time),
  before: numberWords(before, quantity, englishWords),
  after: numberWords(after, quantity, englishWords),
  unit: unitWords(quantity),
});

const refusalWords = (reason: string): string => {
  const known = quarantineReasons.find((one) => one === reason);
  return known === undefined ? reason : quarantineWords(known, englishWords);
};

const runPage = (job: Job, visit: Visit, errors: string | undefined): Page => {
  const { result, state, dryRun, fault, from, to, scope } = job;
  const signed = (value: number): string => (value > 0 ? `+${value.toPrecision(3)}` : value.toPrecision(3));
  return {
    template: 'engineers/run',
    title: dryRun ? `Dry run ${job.id} over history` : `Run ${job.id} over history`,
    section: 'engineer',
    scripts: ['field'],
    content: {
      ...headOf(job),
      problem: errors,
      underWay: isUnfinished(state),
      waits: state === 'waiting',
      fault,
      result: { ...result, since: result.since === undefined ? undefined : londonWords(result.since) },
      refused: result.refused.map(({ reason, uplinks }) => ({ words: refusalWords(reason), uplinks })),
      quantities: result.quantities.map(({ quantity, changes, change, ...one }) => ({
        ...one,
        name: quantityOf(quantity).name,
        mean: changes === 0 ? '-' : `${signed(change / changes)} ${unitWords(quantity)}`.trim(),
      })),
      largest: result.largest.map(differenceView),
      cancel: `${HREF}/${job.id}/cancel`,
      start: HREF,
      manages: visit.who.scopes.includes('manage'),
      again:
        dryRun && state === 'done'
          ? {
              kind: scope.kind,
              id: scope.id,
              from: new Date(from).toISOString(),
              to: new Date(to).toISOString(),
              reason: job.reason ?? '',
            }
          : undefined,
      calibrations:
        scope.kind === 'device' ? `/engineer/devices/${encodeURIComponent(scope.id)}/calibrations` : undefined,
    },
  };
};

/** Runs over history: asked for, watched, called off. */
export const reprocessPages = (desk: Desk, parts: EngineerParts): void => {
  desk.get(HREF, 'read', async (visit) => {
    const before = visit.query('before') ?? '';
    return fresh(
      await listPage(
        parts,
        typedIn((name) => visit.query(name)),
        /^\d{1,15}$/.test(before) ? Number(before) : undefined,
      ),
    );
  });
  desk.post(HREF, 'manage', (visit) => start(parts, visit));
  desk.get(`${HREF}/:id`, 'read', async (visit) => fresh(runPage(await jobIn(parts, visit), visit, undefined)));
  desk.post(`${HREF}/:id/cancel`, 'manage', async (visit) => {
    const job = await jobIn(parts, visit);
    try {
      await changesOf(parts, visit).cancelReprocess(job.id);
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      return again(runPage(await jobIn(parts, visit), visit, error.message), [refusedAt('state', error)]);
    }
    parts.reprocessing.wake();
    return { to: `${HREF}/${job.id}` };
  });
};
