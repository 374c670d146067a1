import { alertView } from './models.ts';
import type { PageMaker } from './page.ts';

/** Alerts that are over, on one page. */
const RESOLVED_A_PAGE = 50;

/** All open alerts, and those that are over, newest first. */
export const alertsPage: PageMaker = async ({ before }, { now, registry, latest, clock }) => {
  const at = clock.now();
  const { alerts, asOf } = now.overview();
  const resolved = await registry.alerts({
    state: 'resolved',
    limit: RESOLVED_A_PAGE,
    ...(before === undefined ? {} : { before }),
  });
  return {
    template: 'alerts',
    title: 'Alerts',
    section: 'alerts',
    live: {},
    asOf,
    content: {
      open: before === undefined ? alerts.map((alert) => alertView(alert, at, { registry, latest })) : undefined,
      resolved: resolved.alerts.map((alert) => alertView(alert, at, { registry, latest })),
      next: resolved.next === undefined ? undefined : `/alerts?before=${encodeURIComponent(resolved.next)}`,
    },
  };
};
