import { Command } from 'commander';
import { deviceWatchCommand } from './devices/watch.ts';
import { addCommand } from './devices/add.ts';
import { changeCommand, retireCommand, statusCommand } from './devices/change.ts';
import { claimCommand, claimsCommand } from './devices/claims.ts';
import { unregisteredCommand } from './devices/unregistered.ts';
import { certificateCommand, credentialsCommand, revokeCommand, rotateTokenCommand } from './devices/credentials.ts';
import { downlinkCommand, downlinksCommand } from './devices/downlinks.ts';
import { scanCommand } from './devices/scan.ts';
import { healthCommand } from './devices/health.ts';
import { lorawanKeysCommand } from './devices/lorawan-keys.ts';
import { listCommand, showCommand } from './devices/look.ts';
import { deployCommand, replaceCommand, withdrawCommand } from './devices/place.ts';
import { devicesImportCommand, devicesTemplateCommand } from './devices/import.ts';
import { labelsCommand } from './devices/labels.ts';

/**
 * `devices ...`: the devices that may speak, from the box to the skip. Works while the server runs, which sees the
 * change at once, and before it.
 */
export const devicesCommand = (): Command =>
  new Command('devices')
    .description('register and look after devices')
    .addCommand(addCommand())
    .addCommand(devicesImportCommand())
    .addCommand(devicesTemplateCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(changeCommand())
    .addCommand(statusCommand())
    .addCommand(retireCommand())
    .addCommand(deployCommand())
    .addCommand(withdrawCommand())
    .addCommand(replaceCommand())
    .addCommand(credentialsCommand())
    .addCommand(rotateTokenCommand())
    .addCommand(revokeCommand())
    .addCommand(certificateCommand())
    .addCommand(lorawanKeysCommand())
    .addCommand(deviceWatchCommand())
    .addCommand(healthCommand())
    .addCommand(downlinkCommand())
    .addCommand(downlinksCommand())
    .addCommand(scanCommand())
    .addCommand(labelsCommand())
    .addCommand(unregisteredCommand())
    .addCommand(claimsCommand())
    .addCommand(claimCommand());
