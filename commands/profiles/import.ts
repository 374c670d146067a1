import { Command } from 'commander';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { importProfiles } from '../../device-profiles/import/import.ts';
import type { ImportReport } from '../../device-profiles/import/report.ts';
import { showImportProgress } from './import-progress.ts';
import { importText } from './import-text.ts';
import { dataProfilesToWrite } from './installed.ts';

/** Done, but some of what was found is broken, or some examples did not pass: the report names each. */
const EXIT_WITH_FAILURES = 5;
/** Stopped by Ctrl-C before the end: 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

interface Options {
  readonly vendor?: string;
  readonly device?: string;
  readonly force?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `profiles import PATH`: devices of a repository become drafts in the data folder. */
export const importCommand = (): Command =>
  new Command('import')
    .description('import devices from your own checkout of a device repository, as drafts in the data folder')
    .argument(
      '<path>',
      'the checkout: in the layout of lorawan-devices (vendor/...) or of chirpstack-device-profiles (vendors/...)',
    )
    .option('--vendor <vendor>', 'only devices of this vendor, as its folder is called')
    .option('--device <device>', 'only this device: <device> or <vendor>/<device>')
    .option('--force', 'write over profiles that were edited or confirmed here, or are of another repository')
    .option('--dry-run', 'read, run and report, but write nothing')
    .option('--json', 'the report as one line of JSON')
    .addHelpText(
      'after',
      `
Every example that the repository gives for a codec is run in the sandbox and compared. A running server
notices what was imported. An import can be repeated: what is the same is left alone.

Exit codes:
  0    done, and nothing failed
  1    something is broken on this side
  2    the folder has no layout that is known
  3    no such folder, vendor or device
  ${EXIT_WITH_FAILURES}    done, but files were broken or examples did not pass: the report names them
  ${EXIT_INTERRUPTED}  stopped by Ctrl-C`,
    )
    .action(run);

const run = async (path: string, { vendor, device, force, dryRun, json }: Options): Promise<void> => {
  const into = dataProfilesToWrite();
  const sandbox = await openSandbox();
  const progress = showImportProgress(process.stderr);
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const report = await importProfiles({
      path,
      into,
      beside: [ownCatalogue],
      ...(vendor === undefined ? {} : { vendor }),
      ...(device === undefined ? {} : { device }),
      force: force === true,
      dryRun: dryRun === true,
      sandbox,
      progress: (done, of, codecs) => progress.update(done, of, codecs),
      signal: stop.signal,
    });
    progress.end();
    process.stdout.write(json === true ? `${JSON.stringify({ into, ...report })}\n` : importText(report, into));
    process.exitCode = exitCodeOf(report);
  } finally {
    progress.end();
    process.removeListener('SIGINT', onInterrupt);
    await sandbox.close();
  }
};

const exitCodeOf = ({ complete, troubles, examples, profiles }: ImportReport): number => {
  if (!complete) return EXIT_INTERRUPTED;
  const failed =
    troubles.length + examples.failed + examples.notRunnable + profiles.filter(({ did }) => did === 'broken').length;
  return failed > 0 ? EXIT_WITH_FAILURES : 0;
};
