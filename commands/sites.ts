import { Command } from 'commander';
import { siteId } from '../device-profiles/vocabulary/index.ts';
import type { Site } from '../infra/registry/contract.ts';
import { print } from './print.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

interface Json {
  readonly json?: boolean;
}

/** `sites ...`: places, and which of them everybody may see. */
export const sitesCommand = (): Command => {
  const sites = new Command('sites').description('places that are observed, and which of them everybody may see');
  sites.command('list').description('list all sites').option('--json', 'for scripts').action(list);
  const publish = (name: string, published: boolean, description: string): Command =>
    sites
      .command(`${name} <id...>`)
      .description(description)
      .option('--json', 'for scripts')
      .action(async (ids: readonly string[], { json }: Json) => {
        const changed = await withRegistry(async (_, changes) => {
          const all: Site[] = [];
          for (const id of ids) all.push(await changes.updateSite(siteId(id), { published }));
          return all;
        });
        if (json === true) return print(JSON.stringify({ sites: changed.map(forJson) }));
        for (const { id, name: called } of changed)
          print(`${id} (${called}) is ${published ? 'published' : 'published no more'}`);
      });
  publish('publish', true, 'let everybody see these, where dashboard.open is published');
  publish('unpublish', false, 'let only those see these who are signed in');
  return sites;
};

const forJson = ({ id, name, published }: Site) => ({ id, name, published: published ?? false });

const list = async ({ json }: Json): Promise<void> => {
  const sites = await withRegistry(async (registry) => registry.sites());
  if (json === true) return print(JSON.stringify({ sites: sites.map(forJson) }));
  if (sites.length === 0)
    return print('There is no site yet: a device brings its own, with "npx kerbside devices add --site"');
  process.stdout.write(
    table(
      ['ID', 'PUBLISHED', 'NAME'],
      sites.map(({ id, name, published }) => [id, published === true ? 'yes' : 'no', name]),
    ),
  );
};
