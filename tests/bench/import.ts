import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { importProfiles } from '../../device-profiles/import/import.ts';
import { plantLarge } from '../device-profiles/import/invented.ts';

/** What an import of a whole repository cost. */
export interface ImportFigures {
  readonly devices: number;
  /** Examples that the repository carries; those of devices whose own file is broken are not run. */
  readonly examples: number;
  readonly ran: number;
  readonly codecs: number;
  readonly written: number;
  readonly seconds: number;
  /** The same again, when nothing has changed. */
  readonly secondsAgain: number;
  readonly peakMb: number;
}

/** Plants a repository of invented devices, with codecs of all kinds, and imports it twice. */
export const benchImport = async (devices: number, say: (progress: string) => void): Promise<ImportFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-import-'));
  const sandbox = await openSandbox();
  try {
    const examples = plantLarge(join(folder, 'repository'), devices);
    const run = (what: string) =>
      importProfiles({
        path: join(folder, 'repository'),
        into: join(folder, 'profiles'),
        beside: [],
        force: false,
        dryRun: false,
        sandbox,
        progress: (done, of) => {
          if (done % 100 === 0) say(`${what}: ${done} of ${of} devices`);
        },
      });
    const first = await run('import');
    const again = await run('the same again');
    return {
      devices,
      examples,
      ran: first.examples.passed + first.examples.failed + first.examples.notRunnable,
      codecs: first.codecs.length,
      written: first.profiles.filter(({ did }) => did === 'new').length,
      seconds: first.seconds,
      secondsAgain: again.seconds,
      peakMb: process.resourceUsage().maxRSS / 1024,
    };
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  }
};
