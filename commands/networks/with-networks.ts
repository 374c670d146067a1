import { Presets, SingleBar } from 'cli-progress';
import { Conflict, Invalid, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { Networks } from '../../infra/network-server/networks.ts';
import type { Changes, Registry } from '../../infra/registry/contract.ts';
import { withInstalledCatalogue } from '../installed-catalogue.ts';
import { withRegistry } from '../with-registry.ts';

/** Does work with the network servers of the configuration, beside a server that runs or before there is one. */
export const withNetworks = <T>(
  work: (networks: Networks, changes: Changes, registry: Registry) => Promise<T>,
): Promise<T> =>
  withInstalledCatalogue((catalogue) =>
    withRegistry(async (registry, changes) => {
      const config = readConfig();
      // Only now: other commands of `devices` start without the clients of network servers.
      const [{ openNetworks }, { openMetrics }] = await Promise.all([
        import('../../infra/network-server/networks.ts'),
        import('../../infra/metrics/index.ts'),
      ]);
      const networks = await openNetworks({
        config,
        registry,
        catalogue,
        keys: registry,
        clock: systemClock,
        log: openLog(config.log.level),
        metrics: openMetrics(),
      });
      try {
        return await work(networks, changes, registry);
      } finally {
        networks.close();
      }
    }),
  );

/** The network server that is meant: the one there is, or the one that is named. @throws Conflict (`network-undecided`), Invalid (`network-incomplete`). */
export const networkMeant = ({ names }: Networks, named: string | undefined): string => {
  if (named !== undefined) return named;
  const [only, another] = names;
  if (only === undefined)
    throw new Invalid(
      'network-incomplete',
      'no network server is set up: chirpstack.apiUrl or thingsStack.registerDevices, with address, key and application; docs/register-once.md',
    );
  if (another !== undefined)
    throw new Conflict(
      'network-undecided',
      `there are several network servers: say which one with --network ${names.join(' or --network ')}`,
    );
  return only;
};

/** How long work says where it is. */
interface ProgressBar {
  readonly update: (done: number, of: number) => void;
  readonly end: () => void;
}

/** A bar on a terminal; nothing elsewhere. Always on standard error. */
export const progressBar = (out: NodeJS.WriteStream, what: string): ProgressBar => {
  if (!out.isTTY) return { update: () => undefined, end: () => undefined };
  let bar: SingleBar | undefined;
  return {
    update: (done, of) => {
      if (bar === undefined) {
        bar = new SingleBar(
          { stream: out, format: `  ${what} {bar} {value}/{total} devices`, hideCursor: true },
          Presets.shades_classic,
        );
        bar.start(of, done);
      }
      bar.setTotal(of);
      bar.update(done);
    },
    end: () => bar?.stop(),
  };
};
