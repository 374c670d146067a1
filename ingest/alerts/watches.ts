import type { DeviceId, RuleId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert } from '../../infra/registry/contract.ts';
import type { Watch } from '../../infra/alerts/machine.ts';

/** What the rules remember of each device. */
export interface Watches {
  get(rule: RuleId, device: DeviceId): Watch | undefined;
  /** Undefined forgets. */
  set(rule: RuleId, device: DeviceId, watch: Watch | undefined): void;
  all(): Iterable<{ readonly rule: RuleId; readonly device: DeviceId; readonly alert?: Alert }>;
  /** Makes what was set here true in the memory underneath, if there is one. */
  settle(): void;
}

/** A memory of its own, or a sheet of paper over another one: what is set there is not yet true until it is settled. */
export const openWatches = (under?: Watches): Watches => {
  const rules = new Map<RuleId, Map<DeviceId, Watch | undefined>>();
  return {
    get(rule, device) {
      const own = rules.get(rule);
      return own?.has(device) === true ? own.get(device) : under?.get(rule, device);
    },
    set(rule, device, watch) {
      const own = rules.get(rule) ?? new Map<DeviceId, Watch | undefined>();
      rules.set(rule, own);
      if (watch === undefined && under === undefined) own.delete(device);
      else own.set(device, watch);
    },
    *all() {
      for (const [rule, own] of rules) {
        for (const [device, watch] of own)
          yield { rule, device, ...(watch?.alert === undefined ? {} : { alert: watch.alert }) };
      }
    },
    settle() {
      for (const [rule, own] of rules) for (const [device, watch] of own) under?.set(rule, device, watch);
      rules.clear();
    },
  };
};
