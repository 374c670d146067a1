import { expect } from 'vitest';
import { alertId, deviceId, instant, ruleId, siteId } from '../../../device-profiles/vocabulary/index.ts';
import type { Alert, Registry } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const firing: Alert = {
  id: alertId('a-1'),
  rule: ruleId('no2-busy'),
  ruleName: 'NO2 above 200',
  severity: 'critical',
  device: deviceId('aq-1'),
  site: siteId('mersey-square'),
  quantity: 'no2',
  state: 'firing',
  startedAt: instant(1_000),
  firedAt: instant(2_000),
  value: 210.5,
  valueAt: instant(3_000),
  worst: 222.25,
  threshold: 200,
};

const pages = async (
  registry: Registry,
  query: { readonly state?: Alert['state'] | 'open'; readonly limit: number },
): Promise<string[][]> => {
  const found: string[][] = [];
  for (let before: string | undefined; found.length < 100;) {
    const { alerts, next } = await registry.alerts({ ...query, ...(before === undefined ? {} : { before }) });
    found.push(alerts.map(({ id }) => id));
    if (next === undefined) return found;
    before = next;
  }
  throw new Error('the pages have no end');
};

/** Alerts, which outlive the process. */
export const alertCases: readonly RegistryCase[] = [
  {
    title: 'an alert is kept whole, and its newest state replaces the one before',
    run: async ({ registry }) => {
      await registry.saveAlerts([firing]);
      expect(await registry.alerts({ limit: 10 })).toEqual({ alerts: [firing] });
      const resolved: Alert = {
        ...firing,
        state: 'resolved',
        resolvedAt: instant(9_000),
        value: 150,
        valueAt: instant(9_000),
        site: null,
        worst: 230,
      };
      await registry.saveAlerts([firing, resolved]);
      expect(await registry.alerts({ limit: 10 })).toEqual({ alerts: [resolved] });
      await registry.saveAlerts([]);
      expect((await registry.alerts({ limit: 10 })).alerts).toHaveLength(1);
    },
  },
  {
    title: 'page by page every alert is given once, the newest first, even where many began together',
    run: async ({ registry }) => {
      const many = Array.from({ length: 25 }, (_, n): Alert => ({
        ...firing,
        id: alertId(`a-${String(n).padStart(2, '0')}`),
        startedAt: instant(Math.floor(n / 5) * 1_000),
      }));
      await registry.saveAlerts(many);
      const found = await pages(registry, { limit: 7 });
      expect(found.map((page) => page.length)).toEqual([7, 7, 7, 4]);
      expect(found.flat()).toEqual(many.map(({ id }) => id).reverse());
      expect(await pages(registry, { limit: 25 })).toHaveLength(1);
    },
  },
  {
    title: 'alerts that are open are those that wait or fire',
    run: async ({ registry }) => {
      const states = ['pending', 'firing', 'resolved'] as const;
      await registry.saveAlerts(states.map((state) => ({ ...firing, id: alertId(state), state })));
      expect((await pages(registry, { state: 'open', limit: 10 })).flat().sort()).toEqual(['firing', 'pending']);
      for (const state of states) expect(await pages(registry, { state, limit: 10 })).toEqual([[state]]);
    },
  },
  {
    title: 'a cursor that no page gave and a page without size are refused',
    run: async ({ registry }) => {
      const cursors = ['', 'x', '1000', '~', '1~', 'NaN~a-1', "1~a' or 1=1 --"];
      expect(await Promise.all(cursors.map((before) => refusal(registry.alerts({ limit: 1, before }))))).toEqual(
        cursors.map(() => 'cursor-invalid'),
      );
      const limits = [0, -1, 1.5, Number.NaN, 1e9];
      expect(await Promise.all(limits.map((limit) => refusal(registry.alerts({ limit }))))).toEqual(
        limits.map(() => 'limit-invalid'),
      );
    },
  },
];
