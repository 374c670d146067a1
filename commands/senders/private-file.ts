import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';

/** A small JSON file that only its owner may read, because it holds tokens. */
export interface PrivateFile<Of> {
  readonly path: string;
  /**
   * What it says; undefined when there is none. @throws Invalid (`file-broken`) when it is not what it should be:
   * nothing is guessed.
   */
  read(): Of | undefined;
  /** Replaced as a whole: a crash leaves the old one or the new one. */
  write(content: Of): void;
}

export const privateFile = <Schema extends TSchema>(path: string, schema: Schema): PrivateFile<Static<Schema>> => ({
  path,
  read: () => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return Value.Parse(schema, JSON.parse(text));
    } catch (cause) {
      throw new Invalid('file-broken', `${path} cannot be understood; mend it, or remove it to begin anew`, { cause });
    }
  },
  write: (content) => {
    const draft = `${path}.draft`;
    writeFileSync(draft, `${JSON.stringify(content, null, 1)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  },
});
