import { KerbsideError, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../../infra/registry/contract.ts';

/** A registry that is empty, and what a case may do around it. Profiles that begin with `known/` are known. */
export interface Ground {
  readonly registry: Registry;
  /** The same data, opened once more, as another process would. */
  readonly another: () => Promise<Registry>;
  /** Closes everything and opens the same data again. */
  readonly restart: () => Promise<Registry>;
  /** The registry's clock stands still until it is set. */
  readonly clock: { readonly now: () => Instant; readonly set: (time: Instant) => void };
}

/** One thing that every registry does. It rejects when the registry under test does not. */
export interface RegistryCase {
  readonly title: string;
  readonly run: (ground: Ground) => Promise<void>;
}

/** The code with which something was refused; `(done)` when it was not. */
export const refusal = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return '(done)';
  } catch (error) {
    if (error instanceof KerbsideError) return error.code;
    throw error;
  }
};
