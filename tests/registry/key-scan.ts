import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How much of a key must be found to be a trace of it: 48 of its 128 bits, in hexadecimal or as bytes. */
const HEX = 12;
const BYTES = 6;

/** Each place of a file or a text where a part of one of these keys stands, in whichever form. */
export const tracesIn = (what: Uint8Array | string, keys: readonly string[]): readonly number[] => {
  const bytes = Buffer.from(what);
  const text = bytes.toString('latin1').toLowerCase();
  // Signs between digits do not hide a key; in bytes that are no text they would make one up.
  const bare = text.replaceAll(/[-: ]/g, '');
  return keys.flatMap((key) => {
    const raw = Buffer.from(key, 'hex');
    const base64 = raw.toString('base64').slice(0, 16).toLowerCase();
    const pieces = Array.from({ length: key.length - HEX + 1 }, (_, at) => key.slice(at, at + HEX).toLowerCase());
    return [
      text.indexOf(base64),
      ...pieces.flatMap((piece) => [text.indexOf(piece), bare.indexOf(piece)]),
      ...Array.from({ length: raw.length - BYTES + 1 }, (_, at) => bytes.indexOf(raw.subarray(at, at + BYTES))),
    ].filter((at) => at >= 0);
  });
};

/** Every file below a folder but those named, with its bytes. */
export const filesBelow = async (
  dir: string,
  but: readonly string[],
): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.filter((path) => !but.includes(path)).map(async (path) => ({ path, bytes: await readFile(path) })),
  );
};
