import type { Desk } from '../desk.ts';
import { fresh } from '../accounts/parts.ts';
import { calibrationPages } from './calibrations.ts';
import { codecPages } from './codecs.ts';
import { devicePages } from './device.ts';
import { gatewayNamePages } from './gateway-name.ts';
import { healthPages } from './health.ts';
import { importPages } from './import.ts';
import type { EngineerParts } from './parts.ts';
import { quarantinePages } from './quarantine.ts';
import { registerPages } from './register.ts';
import { reprocessPages } from './reprocess.ts';

/** What engineers do on pages: all of it goes by the functions that scripts reach through the API. */
export const openEngineerPages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer', 'read', async ({ who }) => {
    const { counts } = parts.now.overview();
    return fresh({
      template: 'engineers/begin',
      title: 'Engineers',
      section: 'engineer',
      content: {
        manages: who.scopes.includes('manage'),
        waiting: await parts.registry.quarantineCount(),
        silent: counts.silent,
        late: counts.late,
        never: counts['never-heard'],
      },
    });
  });
  for (const open of [
    registerPages,
    devicePages,
    quarantinePages,
    importPages,
    calibrationPages,
    reprocessPages,
    codecPages,
    healthPages,
    gatewayNamePages,
  ])
    open(desk, parts);
};
