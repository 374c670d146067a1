import { startDaemon, type Daemon } from './daemon.ts';
import { requireProgram } from './programs.ts';

export interface InfluxdbServer extends Daemon {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
}

/** Starts Debian's InfluxDB 1.6 on a free port, empty, without authentication. @throws Error when it does not start. */
export const startInfluxdb = async ({
  env = {},
}: { env?: Readonly<Record<string, string>> } = {}): Promise<InfluxdbServer> => {
  const daemon = await startDaemon({
    name: 'influxdb',
    command: requireProgram('influxd'),
    port: 0,
    // As the program is told: no configuration file, not even the one of a server that this machine may run for good.
    prepare: (folder, port) =>
      Promise.resolve({
        args: ['-config', '/dev/null'],
        env: {
          INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
          INFLUXDB_BIND_ADDRESS: '127.0.0.1:0',
          INFLUXDB_META_DIR: `${folder}/meta`,
          INFLUXDB_DATA_DIR: `${folder}/data`,
          INFLUXDB_DATA_WAL_DIR: `${folder}/wal`,
          INFLUXDB_DATA_QUERY_LOG_ENABLED: 'false',
          INFLUXDB_HTTP_LOG_ENABLED: 'false',
          INFLUXDB_MONITOR_STORE_ENABLED: 'false',
          INFLUXDB_REPORTING_DISABLED: 'true',
          ...env,
        },
      }),
    listening: (output) => {
      const port = /msg="Listening on HTTP".* addr=127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      return port === undefined ? undefined : Number(port);
    },
  });
  return { ...daemon, url: `http://127.0.0.1:${daemon.port}` };
};
