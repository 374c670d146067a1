import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startDaemon, type Daemon } from './daemon.ts';
import { requireProgram } from './programs.ts';

export interface MosquittoServer extends Daemon {
  /** `mqtt://127.0.0.1:PORT` */
  readonly url: string;
}

export interface MosquittoOptions {
  /**
   * Lines of mosquitto.conf after the listener's; relative paths are in the server's folder. Anybody may connect
   * unless a line says `allow_anonymous` or `password_file`.
   */
  readonly config?: readonly string[];
}

/** Between looking for a free port and mosquitto taking it, somebody else may: so many times that is bad luck. */
const ATTEMPTS = 5;

/** Starts Debian's Mosquitto 2.0 (MQTT 3.1.1 and 5) on a free port. @throws Error when it does not start. */
export const startMosquitto = async ({ config = [] }: MosquittoOptions = {}): Promise<MosquittoServer> => {
  const decided = config.some((line) => /^\s*(allow_anonymous|password_file)\b/.test(line));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const daemon = await startDaemon({
        name: 'mosquitto',
        command: requireProgram('mosquitto'),
        port: await freePort(),
        prepare: async (folder, port) => {
          const file = join(folder, 'mosquitto.conf');
          // As root it would become the user `mosquitto`, who cannot read this folder.
          const lines = [
            'user root',
            `listener ${port} 127.0.0.1`,
            ...(decided ? [] : ['allow_anonymous true']),
            ...config,
          ];
          await writeFile(file, `${lines.join('\n')}\n`);
          return { args: ['-c', file] };
        },
        listening: (output, port) => (/mosquitto version \S+ running/.test(output) ? port : undefined),
      });
      return { ...daemon, url: `mqtt://127.0.0.1:${daemon.port}` };
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes('Address already in use')) throw error;
    }
  }
};
