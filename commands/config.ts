import { Command } from 'commander';
import { stringify } from 'yaml';
import { themeOf } from '../dashboard/theme/theme.ts';
import { readConfig, settings, variableOf } from '../infra/config/index.ts';
import { retentionAdvice, retentionOf } from '../infra/timeseries/retention.ts';

/** `config check` and `config print`: the settings as this installation has them, each with its variable; secrets are not shown. */
export const configCommand = (): Command => {
  const config = new Command('config').description('check or print the configuration');
  config
    .command('check')
    .description('read kerbside.yaml and the environment, and report every fault')
    .option('--json', 'for scripts')
    .action(({ json }: { json?: boolean }) => {
      const settled = readConfig();
      themeOf(settled);
      const advice = retentionAdvice(retentionOf(settled.timeseries));
      if (advice !== undefined) process.stderr.write(`kerbside: ${advice}\n`);
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ ok: true, settings: settings.length })}\n`
          : `checked ${settings.length} settings: all good\n`,
      );
    });
  config
    .command('print')
    .description('print the configuration in force')
    .option('--json', 'for scripts')
    .action(({ json }: { json?: boolean }) => {
      const shown = withoutSecrets(readConfig());
      if (json === true) {
        process.stdout.write(`${JSON.stringify(shown)}\n`);
        return;
      }
      process.stdout.write(`${stringify(shown)}\n# Each setting can be overridden by its variable:\n`);
      for (const { path, schema } of settings) {
        process.stdout.write(
          `# ${variableOf(path).padEnd(34)} ${typeof schema['description'] === 'string' ? schema['description'] : ''}\n`,
        );
      }
    });
  return config;
};

const secrets = new Set(['password', 'token']);
const withoutSecrets = (config: unknown): unknown =>
  JSON.parse(
    JSON.stringify(config, (key, value: unknown) => (secrets.has(key) && value !== undefined ? '(set)' : value)),
  );
