import type { Trouble } from './files.ts';
import type { DeviceRepository } from './found.ts';
import type { Ran } from './run-examples.ts';

/** What became of one device of the repository. */
export interface ImportedProfile {
  /** Under which id; undefined where its names cannot be one. */
  readonly id: string | undefined;
  /** `<vendor>/<device>` as the repository has it. */
  readonly from: string;
  /** The id is not the repository's own name, which an id cannot be. */
  readonly renamed: boolean;
  readonly did: 'new' | 'updated' | 'unchanged' | 'replaced' | 'kept' | 'twin' | 'without-codec' | 'broken';
  /** Why, where it was not simply written. */
  readonly why?: string;
  /** The codec's id in the report, where it has one. */
  readonly codec?: string;
  /** What was suggested for its keys. */
  readonly keys?: Readonly<Record<'sure' | 'likely' | 'guess' | 'unmapped' | 'ignored', number>>;
}

/** What became of the examples of one codec. */
export interface RanCodec {
  /** The path of its file within the repository. */
  readonly id: string;
  readonly passed: number;
  readonly failed: number;
  readonly notRunnable: number;
  /** Those that did not pass. */
  readonly examples: readonly Ran[];
}

/** What an import did, or with `dryRun` would have done. */
export interface ImportReport {
  readonly layout: DeviceRepository['layout'];
  readonly dryRun: boolean;
  /** Devices that the repository lists, and how many of them were asked for. */
  readonly listed: number;
  readonly selected: number;
  /** Selected devices, and one more for each older firmware with a codec of its own. */
  readonly profiles: readonly ImportedProfile[];
  readonly codecs: readonly RanCodec[];
  readonly troubles: readonly Trouble[];
  /** Sums over the codecs. */
  readonly examples: { readonly passed: number; readonly failed: number; readonly notRunnable: number };
  /** False when it was stopped before the end. */
  readonly complete: boolean;
  readonly seconds: number;
}
