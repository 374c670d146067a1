import type { Instant } from '../vocabulary/time.ts';
import type { Trouble } from './files.ts';

/** What an example says should come out: data, or errors of the codec's own. */
export type Expected = { readonly data: unknown } | { readonly errors: readonly string[] };

interface Named {
  /** What the repository calls it, or its number. */
  readonly name: string;
  readonly file: string;
  readonly line?: number;
}

/** Bytes for a codec. */
export interface ExampleFrame {
  readonly bytes: Uint8Array;
  readonly fPort?: number;
  readonly recvTime?: Instant;
  readonly variables?: Readonly<Record<string, string>>;
}

/** An example that a repository gives for a codec. */
export type Example = Named &
  (
    | {
        readonly does: 'decode-uplink';
        readonly frame: ExampleFrame;
        readonly expected: Expected;
        readonly normalised?: Expected;
      }
    | { readonly does: 'decode-downlink'; readonly frame: ExampleFrame; readonly expected: Expected }
    | {
        readonly does: 'encode-downlink';
        readonly data: Readonly<Record<string, unknown>>;
        readonly fPort?: number;
        readonly expected:
          { readonly bytes: readonly number[]; readonly fPort?: number } | { readonly errors: readonly string[] };
      }
    /** It cannot be run, for a reason of its own. */
    | { readonly does: 'nothing'; readonly why: string }
  );

/** A file with a script. */
export interface Script {
  readonly file: string;
  readonly source: string;
}

/** A codec of the repository, which several devices may share. */
export interface FoundCodec {
  /** The path of the file that defines it, within the repository. */
  readonly id: string;
  /** Undefined where the repository has no decoder of uplinks for it. */
  readonly uplink?: Script;
  /** Where the downlink functions are: often the same file. */
  readonly downlink?: Script;
  readonly examples: readonly Example[];
  /** What is wrong with its files. */
  readonly troubles: readonly Trouble[];
}

/** A model of device of the repository. */
export interface FoundDevice {
  readonly vendor: string;
  readonly model: string;
  /** For people. */
  readonly name: string;
  readonly maker: string;
  readonly description?: string;
  /** Eight upper-case hexadecimal digits each: VendorID and VendorProfileID. */
  readonly lorawanProfileIds: readonly string[];
  /** The file that describes it, within the repository. */
  readonly file: string;
  /**
   * One for each codec that some firmware of it needs, the newest firmware's first; `firmware` names the others. Empty
   * where the repository has no codec for it.
   */
  readonly variants: readonly { readonly codec: FoundCodec; readonly firmware?: string }[];
  /** Files about it that could not be read, but for which it can be imported. */
  readonly troubles: readonly Trouble[];
}

/** A device that a repository lists, before it is read. */
export interface Listed {
  readonly vendor: string;
  readonly model: string;
}

/** A repository of devices, of whatever layout. */
export interface DeviceRepository {
  readonly layout: 'lorawan-devices' | 'chirpstack-device-profiles';
  /** All devices that it lists, with what is wrong with its lists. */
  list(): Promise<{ readonly devices: readonly Listed[]; readonly troubles: readonly Trouble[] }>;
  /** Reads one of them; a fault that hides the device as a whole is a Trouble. */
  read(listed: Listed): Promise<FoundDevice | Trouble>;
}
