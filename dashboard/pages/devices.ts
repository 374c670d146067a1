import { filtersOf, listHref } from './front.ts';
import { sensorRow } from './rows.ts';
import type { PageMaker } from './page.ts';
import { paged } from './paging.ts';
import { englishWords } from '../words/index.ts';

const inOrder = new Intl.Collator('en-GB', { numeric: true });

/** Every sensor: model, site, when it was heard, how it is. Retired ones are listed under All. */
export const devicesPage: PageMaker = ({ condition, page }, { now, registry, clock }) => {
  const at = clock.now();
  const { sensors, gateways, asOf } = now.overview();
  const active = new Map([...sensors, ...gateways].map((sensor) => [sensor.device.id, sensor]));
  const all = [...registry.devices()].sort((a, b) => inOrder.compare(a.id, b.id));
  const filters = filtersOf(
    '/devices',
    [...active.values()].map((sensor) => sensor.condition),
    condition,
    englishWords,
  );
  const chosen = filters.find(({ current }) => current)?.id;
  const wanted =
    chosen === undefined || chosen === 'all' ? all : all.filter(({ id }) => active.get(id)?.condition === chosen);
  const shown = paged(
    wanted,
    page,
    (n) => listHref('/devices', { condition: chosen === 'all' ? undefined : chosen, page: n }),
    englishWords,
  );
  return {
    template: 'devices',
    title: 'Sensors',
    section: 'sensors',
    live: {},
    asOf,
    content: {
      filters: filters.map((filter) => (filter.id === 'all' ? { ...filter, count: all.length } : filter)),
      sensors: {
        ...shown,
        rows: shown.rows.map((device) => sensorRow(active.get(device.id) ?? now.sensor(device), at, englishWords)),
      },
    },
  };
};
