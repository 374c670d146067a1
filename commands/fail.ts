import { Conflict, Invalid, KerbsideError, NotFound } from '../device-profiles/vocabulary/index.ts';
import { plain } from './preview/plain.ts';

/**
 * Exit codes that scripts can use: 0 done, 1 broken, 2 wrong request or configuration, 3 not found, 4 contradicts what
 * is there; some commands: 5 done, but not as hoped.
 */
export const exitCodeOf = (error: unknown): number => {
  if (error instanceof Invalid) return 2;
  if (error instanceof NotFound) return 3;
  if (error instanceof Conflict) return 4;
  return 1;
};

/**
 * Says on standard error what went wrong, in one helpful line with its code or, for `--json`, as one JSON object, and
 * sets the exit code.
 */
export const fail = (error: unknown, json: boolean): void => {
  process.exitCode = exitCodeOf(error);
  const code = error instanceof KerbsideError ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  if (json) process.stderr.write(`${JSON.stringify({ code, detail: message })}\n`);
  else process.stderr.write(`kerbside: ${plainLines(message)}${error instanceof KerbsideError ? ` (${code})` : ''}\n`);
  // An error that is not ours is a fault in the program: its stack is what a bug report needs.
  if (!(error instanceof KerbsideError) && error instanceof Error && !json)
    process.stderr.write(`${plainLines(error.stack ?? '')}\n`);
};

/** What went wrong may name keys and files of strangers, which must not command the terminal. */
const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');
