import { Command, InvalidArgumentError, Option } from 'commander';
import {
  alertId,
  instant,
  iso,
  NotFound,
  quantityId,
  quantityOf,
  ruleId,
  siteId,
  type Instant,
} from '../device-profiles/vocabulary/index.ts';
import type { Alert, AlertDeed, AlertQuery } from '../infra/registry/contract.ts';
import { print } from './print.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

interface Json {
  readonly json?: boolean;
}
interface ListOptions extends Json {
  readonly state?: NonNullable<AlertQuery['state']>;
  readonly site?: string;
  readonly quantity?: string;
  readonly rule?: string;
  readonly since?: Instant;
  readonly limit: number;
}

/** Lines of a list unless asked for more: a screen or two. */
const LINES = 50;

/** `alerts ...`: episodes in which a rule held, and what people did about them. Works beside a server that runs. */
export const alertsCommand = (): Command => {
  const alerts = new Command('alerts').description('alerts, and what people did about them');
  alerts
    .command('list')
    .description('list alerts, the newest first')
    .addOption(
      new Option('--state <state>', 'only these; open: pending and firing').choices([
        'open',
        'pending',
        'firing',
        'acknowledged',
        'resolved',
      ]),
    )
    .option('--site <id>', 'only there')
    .option('--quantity <id>', 'only of this, such as no2')
    .option('--rule <id>', 'only of this rule')
    .option('--since <time>', 'those that began then or later, such as 2026-11-26T08:00:00Z', timeOf)
    .option('--limit <n>', 'so many at most', countOf, LINES)
    .option('--json', 'for scripts')
    .action(list);
  alerts
    .command('show <id>')
    .description('one alert, and what became of it')
    .option('--json', 'for scripts')
    .action(show);
  alerts
    .command('acknowledge <id>')
    .description('say that you have taken it up; the first one counts')
    .option('--json', 'for scripts')
    .action(async (id: string, { json }: Json) => {
      const deed = await withRegistry((_, changes) => changes.acknowledgeAlert(alertId(id)));
      print(json === true ? JSON.stringify(deedForJson(deed)) : `${id} is acknowledged, by ${deed.by.name}`);
    });
  alerts
    .command('note <id> <words...>')
    .description('write a note to it, also when it is over')
    .option('--json', 'for scripts')
    .action(async (id: string, words: readonly string[], { json }: Json) => {
      const deed = await withRegistry((_, changes) => changes.noteAlert(alertId(id), words.join(' ')));
      print(json === true ? JSON.stringify(deedForJson(deed)) : `written to ${id}, by ${deed.by.name}`);
    });
  return alerts;
};

const timeOf = (text: string): Instant => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('a time is such as 2026-11-26T08:00:00Z.');
  return instant(at);
};

const countOf = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new InvalidArgumentError('it is a whole number from 1 to 10000.');
  return count;
};

const list = async ({ json, site, quantity, rule, ...rest }: ListOptions): Promise<void> => {
  const query: AlertQuery = {
    ...rest,
    ...(site === undefined ? {} : { site: siteId(site) }),
    ...(quantity === undefined ? {} : { quantity: quantityId(quantity) }),
    ...(rule === undefined ? {} : { rule: ruleId(rule) }),
  };
  const { alerts, next } = await withRegistry((registry) => registry.alerts(query));
  if (json === true) return print(JSON.stringify({ alerts: alerts.map(alertForJson), more: next !== undefined }));
  if (alerts.length === 0) return print('No alert is like that');
  const rows = alerts.map((alert) => [
    alert.id,
    stateOf(alert),
    alert.severity,
    iso(alert.startedAt),
    alert.site ?? '-',
    valueOf(alert),
    alert.ruleName,
  ]);
  process.stdout.write(table(['ID', 'STATE', 'SEVERITY', 'BEGAN', 'SITE', 'WORST', 'RULE'], rows));
  if (next !== undefined) print('There are more: give --limit or --since');
};

const stateOf = ({ state, acknowledged }: Alert): string =>
  acknowledged === undefined || state === 'resolved' ? state : `${state}, acknowledged`;
const valueOf = ({ worst, quantity }: Alert): string => `${worst} ${quantityOf(quantity).unit}`;

const show = async (text: string, { json }: Json): Promise<void> => {
  const id = alertId(text);
  const { alert, deeds } = await withRegistry(async (registry) => {
    const found = await registry.alert(id);
    if (found === undefined) throw new NotFound('alert-unknown', `there is no alert ${JSON.stringify(text)}`);
    return { alert: found, deeds: await registry.alertDeeds(id) };
  });
  if (json === true)
    return print(
      JSON.stringify({ alert: alertForJson(alert), asked: alert.asked ?? null, deeds: deeds.map(deedForJson) }),
    );
  const { acknowledged, ...facts } = alertForJson(alert);
  const lines = [
    ...Object.entries(facts).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
    ...Object.entries(alert.asked ?? {}).map(([key, value]) => [`asked ${key}`, String(value)]),
    ...deeds.map(({ kind, at, by, note }) => [
      kind,
      `${iso(at)} ${by.name}${note === undefined ? '' : `: ${note.replaceAll('\n', ' / ')}`}`,
    ]),
    ...(acknowledged === null ? [['acknowledged', 'by nobody']] : []),
  ];
  process.stdout.write(table(['FIELD', 'VALUE'], lines));
};

const isoOrNull = (at: Instant | undefined): string | null => (at === undefined ? null : iso(at));

const alertForJson = ({
  startedAt,
  firedAt,
  resolvedAt,
  valueAt,
  acknowledged,
  asked: _asked,
  ending,
  ...alert
}: Alert) => ({
  ...alert,
  unit: quantityOf(alert.quantity).unit,
  startedAt: iso(startedAt),
  firedAt: isoOrNull(firedAt),
  resolvedAt: isoOrNull(resolvedAt),
  valueAt: iso(valueAt),
  ending: ending ?? null,
  acknowledged: acknowledged === undefined ? null : { at: iso(acknowledged.at), by: acknowledged.by?.name ?? null },
});

const deedForJson = ({ at, by, note, ...deed }: AlertDeed) => ({
  ...deed,
  at: iso(at),
  by: by.name,
  note: note ?? null,
});
