#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Compiled code is kept between starts: a command then costs half the time. Hence the import that waits for it.
enableCompileCache();
const { run } = await import('./commands/index.ts');
await run();
