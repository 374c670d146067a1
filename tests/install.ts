/**
 * Runs before the tests: looks for the real servers that they start, and installs from Debian what is missing where
 * it may (root, apt-get). Where it may not, it says which suites will be skipped, and writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packages, programPath, programs, skipsFail, type Program } from './servers/programs.ts';

export interface Machine {
  readonly missing: readonly Program[];
  readonly root: boolean;
  readonly aptGet: boolean;
}

export type Plan =
  | { readonly kind: 'nothing-missing' }
  | { readonly kind: 'install'; readonly packages: readonly string[] }
  | { readonly kind: 'skip'; readonly missing: readonly Program[]; readonly why: string };

/** What to do on a machine; `install` only where that needs no question. */
export const plan = ({ missing, root, aptGet }: Machine): Plan => {
  if (missing.length === 0) return { kind: 'nothing-missing' };
  if (!aptGet) return { kind: 'skip', missing, why: 'this machine has no apt-get' };
  if (!root) return { kind: 'skip', missing, why: 'only root may install packages' };
  return { kind: 'install', packages: missing.map((program) => packages[program]) };
};

/** The test files that ask for a program with `needs('<program>')`, relative to the project. */
export const suitesThatNeed = (program: Program): readonly string[] => {
  const tests = import.meta.dirname;
  return readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => new RegExp(`\\bneeds\\([^)]*'${program}'`).test(readFileSync(join(tests, file), 'utf8')))
    .map((file) => join('tests', file))
    .toSorted();
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const run = (command: string, args: readonly string[]): boolean => {
  say(`$ ${[command, ...args].join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
};

/** Debian asks this file whether a service may start; 101 means no (invoke-rc.d(8), deb-systemd-invoke(1p)). */
const POLICY = '/usr/sbin/policy-rc.d';

/** Tests start servers of their own: those that Debian's packages bring must not run beside them. */
const withServicesHeld = (work: () => boolean): boolean => {
  if (existsSync(POLICY)) return work();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // An interrupted apt-get ends with its own status and then so do we: the file goes in either case.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    return work();
  } finally {
    process.off('SIGINT', ignore);
    rmSync(POLICY, { force: true });
  }
};

/** Packages enable their services for the next start of the machine; what came in for tests should not stay up. */
const disableServices = (names: readonly string[]): void => {
  if (!existsSync('/run/systemd/system')) return;
  for (const name of names.filter((name) => name === 'influxdb' || name === 'mosquitto'))
    run('systemctl', ['disable', '--now', name]);
};

/** A package manager that is busy (unattended upgrades) is waited for this long. */
const LOCK_SECONDS = 120;

const install = (names: readonly string[]): boolean => {
  say(`kerbside tests: installing ${names.join(', ')} from Debian (once; a minute or two)`);
  const lock = `DPkg::Lock::Timeout=${LOCK_SECONDS}`;
  const done =
    run('apt-get', ['update', '-q', '-o', lock]) &&
    withServicesHeld(() => run('apt-get', ['install', '-q', '-y', '--no-install-recommends', '-o', lock, ...names]));
  if (done) disableServices(names);
  return done;
};

const sayWhatIsSkipped = (missing: readonly Program[], why: string): void => {
  say(
    `kerbside tests: ${why}; to run everything: apt-get install --no-install-recommends ${missing.map((program) => packages[program]).join(' ')}`,
  );
  const consequence = skipsFail() ? 'failures, because CI=true' : 'skipped';
  for (const program of missing) {
    say(`  without ${program} these are ${consequence}: ${suitesThatNeed(program).join(', ') || 'none'}`);
  }
};

const missingPrograms = (): readonly Program[] => programs.filter((program) => programPath(program) === undefined);

const main = (): void => {
  const decided = plan({
    missing: missingPrograms(),
    root: process.getuid?.() === 0,
    aptGet: programPath('apt-get') !== undefined,
  });
  switch (decided.kind) {
    case 'nothing-missing':
      break;
    case 'install':
      if (!install(decided.packages)) sayWhatIsSkipped(missingPrograms(), 'apt-get could not install everything');
      break;
    case 'skip':
      sayWhatIsSkipped(decided.missing, decided.why);
      break;
  }
  const found = programs.flatMap((program) => programPath(program) ?? []);
  say(
    `kerbside tests: Node ${process.versions.node}, real servers ${found.length} of ${programs.length}: ${found.join(', ') || 'none'}`,
  );
};

if (process.argv[1] !== undefined && relative(process.argv[1], import.meta.filename) === '') main();
