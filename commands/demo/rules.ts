import { borough, ruleId } from '../../device-profiles/vocabulary/index.ts';
import type { NewRule, Registry } from '../../infra/registry/contract.ts';

const stockport = borough('stockport');

/**
 * What the demo's highways team wants to be told. The thresholds are for single readings, to have something to see;
 * of the averages that the law knows only the numbers are borrowed: 200 ug/m3 is the hourly limit for NO2 (Air
 * Quality Standards Regulations 2010, Schedule 2), 35 ug/m3 the upper edge of the daily index's "low" band for
 * PM2.5.
 */
export const demoRules: readonly NewRule[] = [
  {
    id: ruleId('demo-no2'),
    name: 'Nitrogen dioxide above 200 µg/m³',
    quantity: 'no2',
    borough: stockport,
    when: 'above',
    threshold: 200,
    clearAt: 180,
    forMs: 20_000,
    severity: 'critical',
  },
  {
    id: ruleId('demo-pm2_5'),
    name: 'Fine particles above 35 µg/m³',
    quantity: 'pm2_5',
    borough: stockport,
    when: 'above',
    threshold: 35,
    clearAt: 30,
    forMs: 20_000,
    severity: 'warning',
  },
  {
    id: ruleId('demo-crowd'),
    name: 'More than 60 people a minute',
    quantity: 'footfall_in',
    borough: stockport,
    when: 'above',
    threshold: 60,
    clearAt: 50,
    forMs: 0,
    severity: 'information',
  },
];

/** Adds the rules that are missing; one that somebody has changed stays as it is. */
export const ensureRules = async (registry: Registry): Promise<void> => {
  const known = new Set(registry.rules().map(({ id }) => id));
  for (const rule of demoRules) if (rule.id !== undefined && !known.has(rule.id)) await registry.addRule(rule);
};
