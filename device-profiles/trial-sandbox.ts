import { sandboxAtRest, type Sandbox } from './codec/sandbox.ts';

/**
 * Milliseconds a minute that stopping one codec may cost here. Who tries a codec that hangs has seen it after a few
 * frames; the others who try something wait for no more than this.
 */
const OVERRUN_MS_PER_MINUTE = 2_000;

/**
 * A sandbox beside that of the live uplinks, of one thread (35 MB, once it is needed): whatever is looked at, tried
 * or compared here neither holds up a sensor's frame nor gets its codec set aside.
 */
export const trialSandbox = (): Sandbox => sandboxAtRest({ threads: 1, overrunMsPerMinute: OVERRUN_MS_PER_MINUTE });
