import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import type { Fault } from './definition/faults.ts';
import { readText, type Place, type ProfileFolder } from './definition/folder.ts';
import { downlinksSchema, type DownlinkVector } from './definition/schema.ts';
import { located, parseYaml } from './definition/yaml.ts';
import type { Commands, Profile } from './profile.ts';
import { instant } from './vocabulary/time.ts';

interface Checked {
  readonly faults: readonly Fault[];
  /** Commands that were tried. */
  readonly vectors: number;
}

/**
 * Checks what a codec makes of commands against `downlinks.yaml`: the bytes and the port, and that `decodeDownlink` reads
 * them back. A codec of ours that has commands must have such a file, with one that is accepted and one that is refused;
 * whoever brought a codec from elsewhere need not.
 */
export const checkDownlinks = async (place: Place, folder: ProfileFolder, { commands }: Profile): Promise<Checked> => {
  const file = join(place.path, 'downlinks.yaml');
  const text = await readText(file);
  const hasCommands = /\bencodeDownlink\b/.test(folder.codec ?? '');
  if (text === undefined) {
    const isOurs = folder.definition.mapping === undefined && folder.definition.confirmed === undefined;
    const missing = hasCommands && isOurs;
    return { vectors: 0, faults: missing ? [{ file, problem: 'is not there, and the codec has encodeDownlink' }] : [] };
  }
  const parsed = parseYaml(downlinksSchema, text, file);
  if ('faults' in parsed) return { vectors: 0, faults: parsed.faults };
  if (commands === undefined || !hasCommands)
    return { vectors: 0, faults: [{ file, problem: 'has commands, and the codec has no encodeDownlink' }] };
  const faults: Fault[] = [];
  for (const [index, vector] of parsed.value.entries())
    for (const problem of await runDownlink(commands, vector))
      faults.push(located({ file, problem: `"${vector.name}" ${problem}` }, parsed.line([index])));
  const refused = parsed.value.filter((vector) => vector.refused !== undefined).length;
  if (refused === 0) faults.push({ file, problem: 'has no command that is refused' });
  if (refused === parsed.value.length) faults.push({ file, problem: 'has no command that is accepted' });
  return { faults, vectors: parsed.value.length };
};

/** Gives the command to the codec and says how the result differs from what is expected: nothing, when it is right. */
const runDownlink = async (
  commands: Commands,
  { data, hex, fPort, refused }: DownlinkVector,
): Promise<readonly string[]> => {
  const result = await commands.encode({ data });
  if (refused !== undefined) {
    if (hex !== undefined || fPort !== undefined) return ['is refused, and so has neither bytes nor a port'];
    if (!('reason' in result)) return [`is encoded, but should be refused as ${refused}`];
    return result.reason === refused ? [] : [`is refused as ${result.reason}, not ${refused} (${result.detail})`];
  }
  if ('reason' in result) return [`is refused as ${result.reason} (${result.detail})`];
  if (hex === undefined || fPort === undefined) return ['says neither `refused` nor both `hex` and `fPort`'];
  const bytes = Buffer.from(result.bytes).toString('hex');
  const wanted = hex.replaceAll(/\s/g, '').toLowerCase();
  const problems = [
    ...(bytes === wanted ? [] : [`is ${bytes}, not ${wanted}`]),
    ...(result.fPort === fPort ? [] : [`goes to port ${result.fPort ?? 'none'}, not ${fPort}`]),
  ];
  const back = await commands.decode({ bytes: result.bytes, fPort, recvTime: instant(0) });
  if ('reason' in back) return [...problems, `cannot be read back: ${back.detail}`];
  return isDeepStrictEqual(back, [data]) ? problems : [...problems, `is read back as ${JSON.stringify(back)}`];
};
