#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { configCommand } from './commands/config.ts';
import { demoCommand } from './commands/demo.ts';
import { devicesCommand } from './commands/devices.ts';
import { fail } from './commands/fail.ts';
import { keysCommand } from './commands/keys.ts';
import { profilesCommand } from './commands/profiles.ts';
import { replayCommand } from './commands/replay.ts';
import { startCommand } from './commands/start.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };

const kerbside = new Command('kerbside')
  .description('Street sensors to trustworthy measurements: in over MQTT and HTTP, out on a live dashboard, alerts and feeds')
  .version(version)
  .showHelpAfterError()
  .addCommand(startCommand())
  .addCommand(demoCommand())
  .addCommand(replayCommand())
  .addCommand(devicesCommand())
  .addCommand(keysCommand())
  .addCommand(profilesCommand())
  .addCommand(configCommand());
for (const command of [kerbside, ...kerbside.commands, ...kerbside.commands.flatMap(({ commands }) => commands)]) command.exitOverride();

try {
  await kerbside.parseAsync();
} catch (error) {
  // Commander has said it already, help and version included.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else fail(error, process.argv.includes('--json'));
}
