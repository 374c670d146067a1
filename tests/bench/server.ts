import { join } from 'node:path';
import { freePort, startDaemon } from '../servers/daemon.ts';
import { own } from './owned.ts';

/** The real server, in a process of its own, over a data folder that is there. */
export interface Server {
  readonly pid: () => number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Its metrics, as Prometheus reads them. */
  metrics(): Promise<string>;
  /** Uplinks stored since its start. */
  stored(): Promise<number>;
  stop(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, '../../kerbside.ts');

/** @param env settings beside the folder, as variables; the partner feed is off. */
export const startServer = async (folder: string, env: Readonly<Record<string, string>>): Promise<Server> => {
  const httpPort = await freePort();
  const server = await startDaemon({
    name: 'kerbside',
    command: process.execPath,
    port: httpPort,
    prepare: () =>
      Promise.resolve({
        args: [PROGRAM, 'start'],
        env: { KERBSIDE_DATA_DIR: folder, KERBSIDE_HTTP_PORT: String(httpPort), KERBSIDE_FEEDS_MQTT_PORT: '0', ...env },
      }),
    listening: (output, port) => (output.includes('Kerbside is running') ? port : undefined),
  });
  const stop = own(() => server.stop());
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text();
  return {
    pid: () => server.pid(),
    url: `http://127.0.0.1:${httpPort}`,
    metrics,
    stored: async () => storedIn(await metrics()),
    stop: async () => {
      await stop();
    },
  };
};

const storedIn = (metrics: string): number =>
  [...metrics.matchAll(/^kerbside_uplinks_total\{[^}]*outcome="stored"[^}]*\} (\S+)$/gm)].reduce(
    (sum, [, number]) => sum + Number(number),
    0,
  );
