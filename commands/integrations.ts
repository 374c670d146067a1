import { Command } from 'commander';
import { checkIntegrationsCommand } from './integrations/check.ts';
import { listIntegrationsCommand } from './integrations/list.ts';
import { tryIntegrationCommand } from './integrations/try.ts';

/** `integrations`: which operators' network servers are understood, and whether their data is in order. */
export const integrationsCommand = (): Command =>
  new Command('integrations')
    .description("the operators' network servers that are understood")
    .addCommand(listIntegrationsCommand())
    .addCommand(checkIntegrationsCommand())
    .addCommand(tryIntegrationCommand());
