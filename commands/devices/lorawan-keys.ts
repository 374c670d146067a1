import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { deviceId, Invalid, iso } from '../../device-profiles/vocabulary/index.ts';
import { lorawanKeyNames, type LorawanKeysHeld, type NewLorawanKeys } from '../../infra/registry/contract.ts';
import { print } from '../print.ts';
import { withRegistry } from '../with-registry.ts';
import { registered } from './look.ts';

interface Options {
  readonly file?: string;
  readonly remove?: boolean;
  readonly json?: boolean;
}

const names = [...lorawanKeyNames, 'devAddr'] as const;
const isName = (word: string): word is (typeof names)[number] => names.some((name) => name === word);
/** A handful of lines; anything longer is another file. */
const FILE_AT_MOST = 4_096;

/**
 * `devices keys ID`. Keys come from a file or from standard input, never as an argument: what is typed stands in the
 * shell's history and in the list of processes.
 */
export const lorawanKeysCommand = (): Command =>
  new Command('keys')
    .description('say which LoRaWAN keys of a device are kept; keep new ones, or forget them')
    .argument('<id>')
    .option(
      '--file <file>',
      `keep keys from a file of lines NAME=VALUE, "-" for standard input; names: ${names.join(', ')}`,
    )
    .option('--remove', 'forget all of them')
    .option('--json', 'for scripts')
    .action(async (text: string, { file, remove, json }: Options) => {
      if (file !== undefined && remove === true)
        throw new Invalid('options-contradict', '--file keeps keys and --remove forgets them: give one of the two');
      const id = deviceId(text);
      const keys = file === undefined ? undefined : keysIn(readKeys(file));
      const held = await withRegistry(async (registry, changes) => {
        if (keys !== undefined) return changes.setLorawanKeys(id, keys);
        if (remove === true) await changes.removeLorawanKeys(id);
        return registry.lorawanKeys(registered(registry, text).id);
      });
      if (json === true) return print(JSON.stringify(shown(id, held)));
      if (held === undefined) return print(`No LoRaWAN keys of ${id} are kept here`);
      print(
        `Kept of ${id}, encrypted: ${held.held.join(', ') || 'no key'}${held.devAddr === undefined ? '' : `; DevAddr ${held.devAddr}`}`,
      );
      print(`Changed ${iso(held.changedAt)}`);
    });

const shown = (id: string, held: LorawanKeysHeld | undefined) => ({
  id,
  held: held?.held ?? [],
  devAddr: held?.devAddr ?? null,
  changedAt: held === undefined ? null : iso(held.changedAt),
});

/** @throws Invalid (`file-unreadable`). */
const readKeys = (file: string): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').slice(0, FILE_AT_MOST);
  } catch (cause) {
    throw new Invalid('file-unreadable', `${file} cannot be read`, { cause });
  }
};

/** @throws Invalid (`lorawan-keys-file-invalid`); the message never holds what stands behind the name. */
const keysIn = (text: string): NewLorawanKeys => {
  const keys = new Map<(typeof names)[number], string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(at, 0)).trim();
    if (!isName(name))
      throw new Invalid(
        'lorawan-keys-file-invalid',
        `line ${index + 1} does not begin with one of ${names.map((each) => `${each}=`).join(', ')}`,
      );
    if (keys.has(name)) throw new Invalid('lorawan-keys-file-invalid', `line ${index + 1} gives ${name} a second time`);
    keys.set(name, line.slice(at + 1).trim());
  }
  if (keys.size === 0) throw new Invalid('lorawan-keys-file-invalid', 'there is no key in it');
  return Object.fromEntries(keys);
};
