import { Command } from 'commander';
import { profileCompareCommand } from './profiles/compare.ts';
import { profileTryCommand } from './profiles/try.ts';
import { checkCommand } from './profiles/check.ts';
import { importCommand } from './profiles/import.ts';
import { listCommand } from './profiles/list.ts';
import { mapCommand } from './profiles/map.ts';
import { newCommand } from './profiles/new.ts';

/**
 * `profiles`: which models of device are understood, whether their data is in order, and how more of them come in: from
 * a repository, or from a message of one's own device.
 */
export const profilesCommand = (): Command =>
  new Command('profiles')
    .description('the models of device that are understood')
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addCommand(importCommand())
    .addCommand(mapCommand())
    .addCommand(newCommand())
    .addCommand(profileTryCommand())
    .addCommand(profileCompareCommand());
