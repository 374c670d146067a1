import { Unavailable } from '../../device-profiles/vocabulary/index.ts';
import type { NetworkFault, NotDone } from './contract.ts';
import { plain } from './words.ts';

/** A network server that did not do what it was asked to do. Its code is a `NetworkFault`. HTTP 503. */
export class NetworkTrouble extends Unavailable {
  override readonly name: string = 'NetworkTrouble';
  readonly reason: NetworkFault;
  constructor(reason: NetworkFault, detail: string, options?: ErrorOptions) {
    super(reason, plain(detail), options);
    this.reason = reason;
  }
}

/** Does work whose trouble is an outcome like another. Other errors are faults of ours, and pass. */
export const attempt = async <T>(work: () => Promise<T>): Promise<T | NotDone> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NetworkTrouble)) throw error;
    return { kind: 'failed', reason: error.reason, detail: error.message };
  }
};

/** Where in our code it happened: an error's own words may hold what it was given. */
export const placeOf = (error: unknown): readonly string[] =>
  error instanceof Error
    ? [
        error.name,
        ...(error.stack
          ?.split('\n')
          .filter((line) => /^\s+at /.test(line))
          .slice(0, 5)
          .map((line) => line.trim()) ?? []),
      ]
    : ['not an error'];

/** What is kept of a device whose data Kerbside could not cope with: the others go on. */
export const unexpected: NotDone = {
  kind: 'failed',
  reason: 'network-strange',
  detail: "Kerbside could not cope with what the network server has of this device: the server's log says where",
};

/** Trouble that has nothing to do with the device that was asked about: the next one would meet it too. */
const ofTheWhole: ReadonlySet<NetworkFault> = new Set([
  'network-unreachable',
  'network-timeout',
  'network-unauthorised',
  'network-busy',
]);
export const concernsAll = (reason: NetworkFault): boolean => ofTheWhole.has(reason);

/** Trouble that goes away by itself; the rest waits for somebody who mends it. */
export const mayPass = (reason: NetworkFault): boolean => concernsAll(reason) || reason === 'network-strange';

const FIRST_WAIT_MS = 5_000;
/** Somebody has to do something first. */
const FIRST_WAIT_FOR_PEOPLE_MS = 60_000;
/** What was mended there is noticed within the hour; "kerbside networks sync" does not wait. */
const WAIT_AT_MOST_MS = 3_600_000;

/** How long to wait after so many tries in a row that failed (1 or more): twice as long each time. */
export const waitMs = (attempts: number, reason: NetworkFault): number => {
  const first = mayPass(reason) ? FIRST_WAIT_MS : FIRST_WAIT_FOR_PEOPLE_MS;
  return Math.min(WAIT_AT_MOST_MS, first * 2 ** Math.min(attempts - 1, 20));
};
