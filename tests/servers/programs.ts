import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The real programs that tests start, each with the Debian package that brings it. */
export const packages = {
  influxd: 'influxdb',
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  chromium: 'chromium',
  'chromium-headless-shell': 'chromium-headless-shell',
  strace: 'strace',
  openssl: 'openssl',
} as const;
export type Program = keyof typeof packages;

const names = new Set<string>(Object.keys(packages));
export const programs: readonly Program[] = Object.keys(packages).filter((name): name is Program => names.has(name));

/** Debian keeps daemons here, and the PATH of an ordinary user does not. */
const daemonFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where a program is: on the PATH, or where Debian keeps daemons. Undefined when it is not on this machine. */
export const programPath = (name: string, path = process.env['PATH'] ?? ''): string | undefined =>
  [...path.split(delimiter), ...daemonFolders]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(executable);

const executable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** As programPath. @throws Error that names the Debian package when the program is not on this machine. */
export const requireProgram = (name: Program): string => {
  const path = programPath(name);
  if (path === undefined) throw new Error(`${name} is not on this machine: apt-get install ${packages[name]}`);
  return path;
};

/**
 * The chromium that browser tests drive: the one without windows, which draws the same pages with a quarter less of the
 * processor, where it is there. @throws Error when there is none.
 */
export const chromiumPath = (): string => programPath('chromium-headless-shell') ?? requireProgram('chromium');

/** A file or folder of the recordings that lie beside a checkout, `../shared/data`; there is none in most places. */
export const recording = (path: string): string => join(import.meta.dirname, '../../../shared/data', path);

export const recordingExists = (path: string): boolean => existsSync(recording(path));

/** Where `CI=true`, a suite that cannot run is a failure: a run that skipped it has proved nothing. */
export const skipsFail = (): boolean => ['true', '1'].includes(process.env['CI'] ?? '');
