import { afterAll, beforeEach } from 'vitest';
import { openChirpStackServer, type ChirpStackServer } from './chirpstack-server.ts';
import { openThingsStackServer, type ThingsStackServer } from './things-stack-server.ts';

/** Both network servers, on ports of their own. */
export interface BothServers {
  readonly chirpstack: ChirpStackServer;
  readonly thingsStack: ThingsStackServer;
}

/**
 * Opens both anew before each test of the file that calls it, and stops them after the last.
 * @param profile the name by which ChirpStack has a device profile for the counters of `ground.ts`.
 */
export const bothServers = (profile: string): BothServers => {
  let open: BothServers | undefined;
  const stop = async (): Promise<void> => {
    await open?.chirpstack.stop();
    await open?.thingsStack.stop();
    open = undefined;
  };
  const there = (): BothServers => {
    if (open === undefined) throw new Error('the network servers are open during a test');
    return open;
  };
  beforeEach(async () => {
    await stop();
    open = { chirpstack: await openChirpStackServer(), thingsStack: await openThingsStackServer() };
    open.chirpstack.addProfile(profile);
  });
  afterAll(stop);
  return {
    get chirpstack() {
      return there().chirpstack;
    },
    get thingsStack() {
      return there().thingsStack;
    },
  };
};
