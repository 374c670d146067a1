import type { Registry } from '../../infra/registry/contract.ts';

/** A registry with one fault, and the cases that must notice it. */
export interface Fault {
  readonly name: string;
  readonly disguise: (registry: Registry) => Registry;
  readonly fails: readonly string[];
}
