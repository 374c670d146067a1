import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startDaemon, type Daemon } from './daemon.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** Our own server as users run it: a process of its own, spoken to over its ports and its command line. */
export interface KerbsideServer extends Daemon {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly mqttPort: number;
  readonly feedPort: number;
  readonly dataDir: string;
  /** The environment that makes the command line speak of this server's data folder. */
  readonly env: Readonly<Record<string, string>>;
  /** `kerbside ARGS --json`, and what it printed, parsed. @throws when it exits with another code than 0. */
  cli(...args: string[]): Promise<unknown>;
  /** Registers a device on the command line, as a script would. */
  addDevice(id: string, profile: string, site?: string): Promise<{ readonly id: string; readonly token: string }>;
  /** Makes an API key on the command line. */
  createKey(role: string): Promise<string>;
}

/** Starts `kerbside start` on free ports and waits until it says that it is ready. @throws Error with its own words when it does not. */
export const startKerbside = async (settings: Readonly<Record<string, string>> = {}): Promise<KerbsideServer> => {
  const [http, mqtt, feed] = await Promise.all([freePort(), freePort(), freePort()]);
  let dataDir = '';
  const envOf = (folder: string): Record<string, string> => {
    dataDir = join(folder, 'data');
    return {
      KERBSIDE_DATA_DIR: dataDir,
      KERBSIDE_HTTP_PORT: String(http),
      KERBSIDE_MQTT_PORT: String(mqtt),
      KERBSIDE_FEEDS_MQTT_PORT: String(feed),
      ...settings,
    };
  };
  const daemon = await startDaemon({
    name: 'server',
    command: process.execPath,
    port: http,
    prepare: (folder) => Promise.resolve({ args: [join(root, 'kerbside.ts'), 'start'], env: envOf(folder) }),
    listening: (output, port) => (output.includes('Kerbside is running') ? port : undefined),
  });
  const env = { ...envOf(daemon.folder), PATH: process.env['PATH'] ?? '' };
  const cli = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [join(root, 'kerbside.ts'), ...args, '--json'], {
      env,
      cwd: daemon.folder,
    });
    return JSON.parse(stdout);
  };
  const text = async (key: string, args: string[]): Promise<string> => {
    const printed = await cli(...args);
    const value: unknown =
      typeof printed === 'object' && printed !== null
        ? Object.entries(printed).find(([name]) => name === key)?.[1]
        : undefined;
    if (typeof value !== 'string') throw new Error(`kerbside ${args.join(' ')} printed no ${key}`);
    return value;
  };
  return {
    ...daemon,
    url: `http://127.0.0.1:${http}`,
    mqttPort: mqtt,
    feedPort: feed,
    dataDir,
    env,
    cli,
    addDevice: async (id, profile, site) => ({
      id,
      token: await text('token', [
        'devices',
        'add',
        '--id',
        id,
        '--profile',
        profile,
        ...(site === undefined ? [] : ['--site', site]),
      ]),
    }),
    createKey: (role) => text('key', ['keys', 'create', '--role', role, '--name', `${role} of a test`]),
  };
};
