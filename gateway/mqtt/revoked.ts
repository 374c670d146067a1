import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Broker } from '../../infra/broker/broker.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { Session } from './session.ts';

/**
 * After the registry changed: an import of thousands changes it many times in a row, and one look afterwards is
 * enough.
 */
const LOOK_AFTER_MS = 250;
/** A credential that ends by itself changes nothing in the registry: so it is looked for. A few milliseconds for 10,000. */
const LOOK_EACH_MS = 1_000;

/**
 * Ends each connection whose credential is not good any more: revoked, rotated out, expired, its certificate at its
 * end, or its device retired, removed or registered anew. Other connections of the same device stay. Answers how to stop.
 */
export const cutRevoked = (
  broker: Pick<Broker<Session>, 'disconnectWhere'>,
  registry: Pick<Registry, 'holds' | 'onChange'>,
  clock: Clock,
): (() => void) => {
  const look = (): void => {
    const now = clock.now();
    broker.disconnectWhere(
      ({ id, credential, until }) =>
        (until !== undefined && until < now) || !registry.holds({ device: id, credential }),
    );
  };
  let due: NodeJS.Timeout | undefined;
  const stop = registry.onChange(() => {
    due ??= setTimeout(() => {
      due = undefined;
      look();
    }, LOOK_AFTER_MS);
  });
  const sweep = setInterval(look, LOOK_EACH_MS).unref();
  return () => {
    stop();
    clearTimeout(due);
    clearInterval(sweep);
  };
};
