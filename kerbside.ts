#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { dirname } from 'node:path';

/**
 * How V8 is asked to keep house in a server: young objects in 8 MB instead of 16 or more, and an old generation that is
 * swept when it has grown by 40 % instead of by several times. Uplinks live for a fraction of a second; without this a
 * fast stream of them leaves half a gigabyte of garbage lying about. Only a command line can say so to V8, hence the
 * process starts itself anew in its own place, under the same process id (docs/decisions/0007).
 */
const FRUGAL = ['--max-semi-space-size=8', '--heap-growing-percent=40'];
const serves = ['start', 'demo'].includes(process.argv[2] ?? '');
const told = FRUGAL.every((flag) => process.execArgv.includes(flag));

// Compiled code is kept between starts: a command then costs half the time. Hence the import that waits for it.
const { directory: cache } = enableCompileCache();
if (serves && !told && process.execve !== undefined) {
  const env = {
    // One pool of native memory for all threads: glibc otherwise keeps up to eight times as many as there are cores.
    MALLOC_ARENA_MAX: '1',
    // With the cache there from the beginning, what strips types from this file is not loaded: 12 MB.
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
    ...process.env,
  };
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...FRUGAL, ...process.argv.slice(1)], env);
}

const { run } = await import('./commands/index.ts');
await run();
