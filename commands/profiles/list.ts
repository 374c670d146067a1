import { Command } from 'commander';
import { faultLine } from '../../device-profiles/definition/faults.ts';
import type { ProfileNews } from '../../device-profiles/live-catalogue.ts';
import { openInstalledCatalogue } from '../installed-catalogue.ts';
import { plain } from '../preview/plain.ts';

/** `profiles list`: which models of device are understood, and which of them are drafts. */
export const listCommand = (): Command =>
  new Command('list')
    .description("list the models of device: Kerbside's own, and those in the data folder")
    .option('--json', 'for scripts')
    .action(async ({ json }: { readonly json?: true }) => {
      const faulty: Extract<ProfileNews, { kind: 'faulty' }>[] = [];
      const catalogue = await openInstalledCatalogue((news) => {
        if (news.kind === 'faulty') faulty.push(news);
        else if (news.kind === 'unreadable')
          process.stderr.write(`the data folder's profiles cannot be read: ${news.why}\n`);
      });
      const rows = catalogue.list().map(({ id, name, maker, sends, draft, everyMs, version, fields }) => ({
        id,
        name,
        maker,
        sends,
        draft,
        everyMs,
        version,
        quantities: [...new Set([...fields.values()].map(({ quantity }) => quantity))],
      }));
      await catalogue.close();
      if (json === true) {
        process.stdout.write(
          `${JSON.stringify({ profiles: rows, faulty: faulty.map(({ id, faults }) => ({ id, faults })) })}\n`,
        );
        return;
      }
      for (const fault of faulty.flatMap(({ faults }) => faults)) process.stderr.write(`${plain(faultLine(fault))}\n`);
      process.stdout.write(
        rows
          .map(
            ({ id, sends, name, draft }) =>
              `${id.padEnd(28)} ${sends.padEnd(8)} ${plain(name)}${draft ? ' (draft: not confirmed)' : ''}\n`,
          )
          .join(''),
      );
    });
