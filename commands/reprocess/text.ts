import type { Static } from 'typebox';
import type { RunOut } from '../../dashboard/api/reprocess.ts';
import { table } from '../table.ts';

type Run = Static<typeof RunOut>;
type Difference = Run['result']['largest'][number];

const day = (time: string): string => time.slice(0, 16).replace('T', ' ');
const signed = (change: number): string => `${change > 0 ? '+' : ''}${Number(change.toPrecision(4))}`;
const plural = (n: number, one: string): string => `${n.toLocaleString('en-GB')} ${one}${n === 1 ? '' : 's'}`;

/** The runs, a line each. */
export const runsText = (runs: readonly Run[]): string =>
  table(
    ['RUN', 'OVER', 'FROM', 'TO', 'STATE', 'DONE', 'BY', 'WHY'],
    runs.map((run) => [
      String(run.id),
      `${run.scope.kind} ${run.scope.id}`,
      day(run.from),
      day(run.to),
      run.dryRun ? `${run.state} (dry)` : run.state,
      `${Math.round(run.progress * 100)} %`,
      run.by,
      run.reason ?? '',
    ]),
  );

/** A run and what it has found. */
export const runText = (run: Run): string => {
  const { result } = run;
  const how = run.dryRun ? 'a dry run: nothing is changed' : run.state === 'done' ? 'done' : run.state;
  const state =
    run.state === 'running' || run.state === 'waiting' ? `${run.state}, ${Math.round(run.progress * 100)} %` : how;
  const reflagged = result.quantities.reduce((sum, one) => sum + one.reflagged, 0);
  const refused = result.refused.map(
    ({ reason, uplinks }) => `${plural(uplinks, 'uplink')} refused now (${reason}): what is stored of them stays`,
  );
  return [
    `Run ${run.id} over ${run.scope.kind} ${run.scope.id} from ${run.from} to ${run.to}: ${state}${run.fault === null ? '' : `, ${run.fault}`}`,
    `${plural(result.devices, 'device')}, ${plural(result.uplinks, 'uplink')}, ${result.read.toLocaleString('en-GB')} of them read`,
    ...(result.since === null
      ? []
      : [
          `Before ${result.since} what is stored was left as it is: the single values by which it would be judged are gone (timeseries.retentionDays)`,
        ]),
    ...refused,
    ...(result.released === 0
      ? []
      : [
          `${plural(result.released, 'uplink')} can be read now and ${run.dryRun ? 'would leave' : 'left'} the quarantine`,
        ]),
    '',
    quantities(run).trimEnd(),
    ...(reflagged === 0
      ? []
      : [
          `${plural(reflagged, 'value')} ${run.dryRun ? 'would have' : 'have'} another flag, those with another value among them`,
        ]),
    ...(result.largest.length === 0 ? [] : ['', 'Largest differences:', differences(result.largest).trimEnd()]),
    '',
    `${run.dryRun ? 'Would touch' : 'Touched'} ${plural(result.hours, 'hour')} (GMT) and ${plural(result.days, 'day')} (UK) of devices`,
  ].join('\n');
};

const quantities = ({ result }: Run): string =>
  result.quantities.length === 0
    ? 'No values'
    : table(
        [
          'QUANTITY',
          'SAME',
          'VALUE',
          'FLAG',
          'SITE',
          'NEW',
          'WITHDRAWN',
          'KEPT',
          'FROM RAW',
          'MEAN CHANGE',
          'LARGEST',
          'UNIT',
        ],
        result.quantities.map((one) => [
          one.quantity,
          ...[one.same, one.value, one.flag, one.site, one.new, one.withdrawn, one.kept, one.fromRaw].map(String),
          one.meanChange === null ? '-' : signed(one.meanChange),
          one.largest === null ? '-' : signed(one.largest.after - one.largest.before),
          one.unit,
        ]),
      );

const differences = (largest: readonly Difference[]): string =>
  table(
    ['TIME', 'DEVICE', 'QUANTITY', 'BEFORE', 'AFTER', 'UNIT'],
    largest.map(({ time, device, quantity, before, after, unit }) => [
      time,
      device,
      quantity,
      String(before),
      String(after),
      unit,
    ]),
  );
