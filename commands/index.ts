import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { fail } from './fail.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Each command by its name; only the one that is asked for is loaded, because all of them are two thousand files. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).startCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  devices: async () => (await import('./devices.ts')).devicesCommand(),
  calibrations: async () => (await import('./calibrations.ts')).calibrationsCommand(),
  gateways: async () => (await import('./gateways.ts')).gatewaysCommand(),
  averages: async () => (await import('./averages.ts')).averagesCommand(),
  indices: async () => (await import('./averages.ts')).indicesCommand(),
  objectives: async () => (await import('./averages.ts')).objectivesCommand(),
  footfall: async () => (await import('./footfall.ts')).footfallCommand(),
  explain: async () => (await import('./explain.ts')).explainCommand(),
  reprocess: async () => (await import('./reprocess.ts')).reprocessCommand(),
  alerts: async () => (await import('./alerts.ts')).alertsCommand(),
  audit: async () => (await import('./audit.ts')).auditCommand(),
  keys: async () => (await import('./keys.ts')).keysCommand(),
  users: async () => (await import('./users.ts')).usersCommand(),
  sites: async () => (await import('./sites.ts')).sitesCommand(),
  networks: async () => (await import('./networks.ts')).networksCommand(),
  profiles: async () => (await import('./profiles.ts')).profilesCommand(),
  quality: async () => (await import('./quality.ts')).qualityCommand(),
  integrations: async () => (await import('./integrations.ts')).integrationsCommand(),
  config: async () => (await import('./config.ts')).configCommand(),
};

const kerbside = new Command('kerbside')
  .description(
    'Street sensors to trustworthy measurements: in over MQTT and HTTP, out on a live dashboard, alerts and feeds',
  )
  .version(version)
  .showHelpAfterError();
const [, , asked = ''] = process.argv;
// Help, and what to say of a command that does not exist, need them all.
for (const [name, load] of Object.entries(commands))
  if (name === asked || !Object.hasOwn(commands, asked)) kerbside.addCommand(await load());
for (const command of [kerbside, ...kerbside.commands, ...kerbside.commands.flatMap(({ commands }) => commands)])
  command.exitOverride();

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
