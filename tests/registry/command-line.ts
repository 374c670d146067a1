import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const program = join(import.meta.dirname, '..', '..', 'kerbside.ts');

export interface Outcome {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a script would, with its data in a folder below this one. */
export const kerbside = async (dir: string, ...args: readonly string[]): Promise<Outcome> => {
  const env = { PATH: process.env['PATH'], KERBSIDE_DATA_DIR: join(dir, 'data') };
  const child = spawn(process.execPath, [program, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out, err };
};
