import type {
  AlertId,
  Clock,
  DeviceId,
  Instant,
  JudgedReading,
  QuantityId,
  RuleId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Alert, Device, Registry, Rule } from '../../infra/registry/contract.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { asksTheSame } from '../../infra/registry/rule-condition.ts';
import { advance } from '../../infra/alerts/machine.ts';
import { openWatches, type Watches } from './watches.ts';

/** Open alerts are read at start in pages of this size. */
const PAGE = 1000;

/** The alert rules over what is stored. */
export interface Alerts {
  /**
   * To be called before readings are stored: the first time it looks how far each datastream had come, so that old
   * values which come in late after a restart are not taken for news. @throws StoreUnavailable.
   */
  lookBack(): Promise<void>;
  /**
   * Answers the alerts whose state changed; they, and those that became worse, are kept before it answers, and until
   * then nothing is remembered, so that the same readings may be evaluated again. @throws what the registry throws.
   */
  evaluate(readings: readonly JudgedReading[]): Promise<readonly Alert[]>;
  close(): void;
}

interface AlertsParts {
  readonly registry: Registry;
  readonly timeseries: Pick<TimeSeries, 'latest'>;
  readonly clock: Clock;
  readonly gauge: Metrics['alerts'];
}

/** Takes up the alerts that were open and follows the registry's rules. */
export const openAlerts = async ({ registry, timeseries, clock, gauge }: AlertsParts): Promise<Alerts> => {
  const watches = openWatches();
  const open = await openAlertsOf(registry);
  for (const alert of open) watches.set(alert.rule, alert.device, { lookedAt: alert.valueAt, alert });
  /** When each datastream was last observed before this start. */
  let reached: ReadonlyMap<string, Instant> | undefined;
  const states = new Map<AlertId, Alert['state']>(open.map(({ id, state }) => [id, state]));
  const count = (moved: readonly Alert[]): void => {
    for (const { id, state } of moved) {
      if (state === 'resolved') states.delete(id);
      else states.set(id, state);
    }
    const firing = [...states.values()].filter((state) => state === 'firing').length;
    gauge.set({ state: 'firing' }, firing);
    gauge.set({ state: 'pending' }, states.size - firing);
  };
  count([]);

  let rules = byQuantity(registry.rules());
  let orphans = true;
  const stopListening = registry.onChange(() => {
    rules = byQuantity(registry.rules());
    orphans = true;
  });

  return {
    async evaluate(readings) {
      const staged = openWatches(watches);
      const moved: Alert[] = [];
      /** In order, because the last word on an alert counts. */
      const changed: Alert[] = [];
      // What changes from here on is looked at next time.
      const looking = orphans;
      orphans = false;
      for (const { rule, device, alert, ending } of looking ? orphansIn(watches, registry) : []) {
        // A rule that asks something else goes on from where it was: what was looked at is not news to it.
        staged.set(
          rule,
          device,
          ending === 'rule-changed' && alert !== undefined ? { lookedAt: alert.valueAt } : undefined,
        );
        if (alert !== undefined) moved.push({ ...alert, state: 'resolved', resolvedAt: clock.now(), ending });
      }
      changed.push(...moved);
      for (const reading of readings) {
        // Whoever cleans a sensor breathes on it: what it says meanwhile is kept and alerts nobody.
        if (registry.device({ by: 'id', value: reading.device })?.status === 'maintenance') continue;
        for (const judged of reading.observations) {
          const candidates = rules.get(judged.quantity);
          if (candidates === undefined) continue;
          for (const rule of candidates) {
            if (!covers(rule, reading)) continue;
            const { device, site, time } = reading;
            const watch = staged.get(rule.id, device);
            if (watch === undefined && time < (reached?.get(streamOf(device, rule.quantity)) ?? -Infinity)) continue;
            const step = advance(rule, watch, { device, site, time, judged });
            if (step.watch !== undefined) staged.set(rule.id, device, step.watch);
            if (step.moved !== undefined) moved.push(step.moved);
            changed.push(...[step.moved ?? step.worsened ?? []].flat());
          }
        }
      }
      if (changed.length > 0) {
        try {
          await registry.saveAlerts(changed);
        } catch (error) {
          orphans ||= looking;
          throw error;
        }
        count(moved);
      }
      staged.settle();
      return moved;
    },
    async lookBack() {
      if (reached !== undefined) return;
      const latest = await timeseries.latest({ now: clock.now() });
      reached = new Map(latest.map(({ device, quantity, time }) => [streamOf(device, quantity), time]));
    },
    close: stopListening,
  };
};

const openAlertsOf = async (registry: Registry): Promise<Alert[]> => {
  const all: Alert[] = [];
  let before: string | undefined;
  do {
    const page = await registry.alerts({ state: 'open', limit: PAGE, ...(before === undefined ? {} : { before }) });
    all.push(...page.alerts);
    before = page.next;
  } while (before !== undefined);
  return all;
};

const byQuantity = (rules: readonly Rule[]): Map<QuantityId, Rule[]> =>
  Map.groupBy(
    rules.filter((rule) => rule.enabled),
    (rule) => rule.quantity,
  );

const covers = (rule: Rule, { device, site, borough }: JudgedReading): boolean =>
  (rule.device === undefined || rule.device === device) &&
  (rule.site === undefined || rule.site === site) &&
  (rule.borough === undefined || rule.borough === borough);

/**
 * Watches whose rule or device is gone, and alerts of a rule that asks something else by now: they end now, because
 * nobody will ever clear them, or by another measure than the one by which they began.
 */
const orphansIn = (watches: Watches, registry: Registry): Orphan[] => {
  const rules = new Map(registry.rules().flatMap((rule) => (rule.enabled ? [[rule.id, rule] as const] : [])));
  return [...watches.all()].flatMap((watch): Orphan[] => {
    const ending = endingOf(watch.alert, rules.get(watch.rule), registry.device({ by: 'id', value: watch.device }));
    return ending === undefined ? [] : [{ ...watch, ending }];
  });
};

const endingOf = (
  alert: Alert | undefined,
  rule: Rule | undefined,
  device: Device | undefined,
): Orphan['ending'] | undefined => {
  if (rule === undefined) return 'rule-gone';
  if (isGone(device)) return 'device-gone';
  return alert?.asked !== undefined && !asksTheSame(alert.asked, rule) ? 'rule-changed' : undefined;
};

const isGone = (device: Device | undefined): boolean => device === undefined || device.status === 'retired';

interface Orphan {
  readonly rule: RuleId;
  readonly device: DeviceId;
  readonly alert?: Alert;
  readonly ending: Exclude<Alert['ending'], undefined | 'cleared'>;
}

const streamOf = (device: DeviceId, quantity: QuantityId): string => `${device} ${quantity}`;
