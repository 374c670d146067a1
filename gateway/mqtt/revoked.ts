import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Broker } from '../../infra/broker/broker.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { endOf, type Session } from './session.ts';

/**
 * After the registry changed: an import of thousands changes it many times in a row, and one look afterwards is
 * enough.
 */
const LOOK_AFTER_MS = 250;
/** A credential that ends by itself changes nothing in the registry: so it is looked for, with one comparison each. */
const LOOK_EACH_MS = 1_000;

/**
 * Ends each connection whose credential is not good any more: revoked, rotated out, expired, its certificate at its
 * end, or its device retired, removed or registered anew. Other connections of the same device stay. Answers how to
 * stop.
 */
export const cutRevoked = (
  broker: Pick<Broker<Session>, 'disconnectWhere'>,
  registry: Pick<Registry, 'holds' | 'credentials' | 'onChange'>,
  clock: Clock,
): (() => void) => {
  const cutEnded = (): void => {
    const now = clock.now();
    broker.disconnectWhere(({ until }) => until !== undefined && until <= now);
  };
  const look = (): void => {
    broker.disconnectWhere((session) => {
      if (!registry.holds({ device: session.id, credential: session.credential })) return true;
      session.until = endOf(session, registry);
      return false;
    });
    cutEnded();
  };
  let due: NodeJS.Timeout | undefined;
  const stop = registry.onChange(() => {
    due ??= setTimeout(() => {
      due = undefined;
      look();
    }, LOOK_AFTER_MS);
  });
  const sweep = setInterval(cutEnded, LOOK_EACH_MS).unref();
  return () => {
    stop();
    clearTimeout(due);
    clearInterval(sweep);
  };
};
