import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { alertsCommand } from './alerts.ts';
import { auditCommand } from './audit.ts';
import { averagesCommand, indicesCommand, objectivesCommand } from './averages.ts';
import { configCommand } from './config.ts';
import { demoCommand } from './demo.ts';
import { devicesCommand } from './devices.ts';
import { explainCommand } from './explain.ts';
import { fail } from './fail.ts';
import { calibrationsCommand } from './calibrations.ts';
import { footfallCommand } from './footfall.ts';
import { gatewaysCommand } from './gateways.ts';
import { integrationsCommand } from './integrations.ts';
import { keysCommand } from './keys.ts';
import { networksCommand } from './networks.ts';
import { profilesCommand } from './profiles.ts';
import { qualityCommand } from './quality.ts';
import { replayCommand } from './replay.ts';
import { sitesCommand } from './sites.ts';
import { reprocessCommand } from './reprocess.ts';
import { startCommand } from './start.ts';
import { usersCommand } from './users.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

const kerbside = new Command('kerbside')
  .description('Street sensors to trustworthy measurements: in over MQTT and HTTP, out on a live dashboard, alerts and feeds')
  .version(version)
  .showHelpAfterError()
  .addCommand(startCommand())
  .addCommand(demoCommand())
  .addCommand(replayCommand())
  .addCommand(devicesCommand())
  .addCommand(calibrationsCommand())
  .addCommand(gatewaysCommand())
  .addCommand(averagesCommand())
  .addCommand(indicesCommand())
  .addCommand(objectivesCommand())
  .addCommand(footfallCommand())
  .addCommand(explainCommand())
  .addCommand(reprocessCommand())
  .addCommand(alertsCommand())
  .addCommand(auditCommand())
  .addCommand(keysCommand())
  .addCommand(usersCommand())
  .addCommand(sitesCommand())
  .addCommand(networksCommand())
  .addCommand(profilesCommand())
  .addCommand(qualityCommand())
  .addCommand(integrationsCommand())
  .addCommand(configCommand());
for (const command of [kerbside, ...kerbside.commands, ...kerbside.commands.flatMap(({ commands }) => commands)]) command.exitOverride();

/** Whether the command that runs was asked for JSON. Of some commands `--json` takes words of its own, and asks for none. */
let isForScripts = false;
kerbside.hook('preAction', (_program, command) => {
  isForScripts = command.opts()['json'] === true;
});

/** Reads the command line and does what it says; sets the exit code. */
export const run = async (): Promise<void> => {
  // `kerbside ... | head` closes the pipe when it has seen enough: nothing is wrong, and the work goes on to its end.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await kerbside.parseAsync();
  } catch (error) {
    // Commander has said it already, help and version included.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else fail(error, isForScripts);
    // Whatever a half-opened part still holds (a timer, a thread) must not keep a failed command from ending.
    process.exit();
  }
};
