#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

/**
 * How V8 is asked to keep house in a server: young objects in 8 MB instead of 16 or more, and an old generation that is
 * swept when it has grown by 60 % instead of by several times. Uplinks live for a fraction of a second; without this a
 * fast stream of them leaves half a gigabyte of garbage lying about. Only a command line can say so to V8, hence the
 * process starts itself anew in its own place, under the same process id (docs/decisions/0007).
 */
const FRUGAL = ['--max-semi-space-size=8', '--heap-growing-percent=60'];
const serves = ['start', 'demo'].includes(process.argv[2] ?? '');
const told = FRUGAL.every((flag) => process.execArgv.includes(flag));
if (serves && !told && process.execve !== undefined) {
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...FRUGAL, ...process.argv.slice(1)], process.env);
}

// Compiled code is kept between starts: a command then costs half the time. Hence the import that waits for it.
enableCompileCache();
const { run } = await import('./commands/index.ts');
await run();
