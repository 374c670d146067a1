import type { AlertId, Clock, DeviceId, JudgedReading, QuantityId, RuleId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert, Registry, Rule } from '../../infra/registry/contract.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import { advance, type Watch } from './machine.ts';

/** Open alerts are read at start in pages of this size. */
const PAGE = 1000;

/** The alert rules over what is stored. `evaluate` answers the alerts whose state changed; they are kept before it answers. */
export interface Alerts {
  evaluate(readings: readonly JudgedReading[]): Promise<readonly Alert[]>;
  close(): void;
}

/** Takes up the alerts that were open and follows the registry's rules. */
export const openAlerts = async ({ registry, clock, gauge }: { readonly registry: Registry; readonly clock: Clock; readonly gauge: Metrics['alerts'] }): Promise<Alerts> => {
  const watches = new Map<RuleId, Map<DeviceId, Watch>>();
  const watchesOf = (rule: RuleId): Map<DeviceId, Watch> => {
    const known = watches.get(rule) ?? new Map<DeviceId, Watch>();
    watches.set(rule, known);
    return known;
  };
  const open = await openAlertsOf(registry);
  for (const alert of open) watchesOf(alert.rule).set(alert.device, { lookedAt: alert.valueAt, alert });
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
      const moved: Alert[] = orphans ? endOrphans(watches, registry, clock) : [];
      orphans = false;
      for (const reading of readings) {
        for (const judged of reading.observations) {
          const candidates = rules.get(judged.quantity);
          if (candidates === undefined) continue;
          for (const rule of candidates) {
            if (!covers(rule, reading)) continue;
            const known = watchesOf(rule.id);
            const step = advance(rule, known.get(reading.device), { device: reading.device, site: reading.site, time: reading.time, judged });
            if (step.watch !== undefined) known.set(reading.device, step.watch);
            if (step.moved !== undefined) moved.push(step.moved);
          }
        }
      }
      if (moved.length === 0) return moved;
      await registry.saveAlerts(moved);
      count(moved);
      return moved;
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

/** Alerts whose rule or device is gone end now: nobody will ever clear them. */
const endOrphans = (watches: Map<RuleId, Map<DeviceId, Watch>>, registry: Registry, clock: Clock): Alert[] => {
  const ended: Alert[] = [];
  const rules = new Set(registry.rules().flatMap((rule) => (rule.enabled ? [rule.id] : [])));
  for (const [rule, known] of watches) {
    for (const [device, { alert }] of known) {
      if (rules.has(rule) && registry.device({ by: 'id', value: device })?.status === 'active') continue;
      known.delete(device);
      if (alert !== undefined) ended.push({ ...alert, state: 'resolved', resolvedAt: clock.now() });
    }
    if (known.size === 0) watches.delete(rule);
  }
  return ended;
};
