import type { Unusable } from '../vocabulary/refusal.ts';
import type { Instant } from '../vocabulary/time.ts';

/** A frame for a codec, as TS013-1.0.0 has the input of `decodeUplink`. */
export interface Frame {
  /** At most 255. */
  readonly bytes: Uint8Array;
  /** 0 to 255. */
  readonly fPort?: number;
  /** What the codec believes to be now. */
  readonly recvTime: Instant;
  /** What ChirpStack calls a device's variables; none is the same as an empty object. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * What a codec says: an object for each reading. Its values are what JSON can hold, numbers finite; a key whose value
 * was `undefined` is not there.
 */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Where the `warnings` of TS013 go: at most 8, each one line and not long. */
export interface Warned {
  warnings: readonly string[];
}

/** A command for a device, as TS013-1.0.0 has the input of `encodeDownlink`, and more. */
export interface DownlinkCommand {
  readonly data: Readonly<Record<string, unknown>>;
  /** 0 to 255, for the functions of older networks, which are told it; TS013's own says it itself. */
  readonly fPort?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The bytes of a command: at most 255, and the port (1 to 255), where the codec said one. */
export interface Downlink {
  readonly bytes: Uint8Array;
  readonly fPort?: number;
}

/**
 * A payload codec: a script of global functions. What it answers, or why it answers nothing: no function here throws or
 * rejects. Where the codec answers `errors`, the reason is `codec-error`, unless the first error begins with the word
 * `truncated` or `port-unknown`: our own codecs speak so.
 */
export interface Codec {
  /**
   * TS013's `decodeUplink`; where there is none, The Things Network v2's `Decoder(bytes, fPort)` and its `Converter`, or
   * ChirpStack v3's `Decode(fPort, bytes, variables)`. The answers stand in the order of the frames. Beyond TS013 `data` may be
   * an array of objects, for frames that carry several readings. `warned`, one for each frame, is given what the codec
   * warned of.
   */
  decodeUplink(frames: readonly Frame[], warned?: readonly Warned[]): Promise<readonly (Rows | Unusable)[]>;
  /** TS013's `decodeDownlink`. */
  decodeDownlink(frame: Frame): Promise<Rows | Unusable>;
  /**
   * TS013's `encodeDownlink`; where there is none, The Things Network v2's `Encoder(object, fPort)` or ChirpStack v3's
   * `Encode(fPort, object, variables)`. Unlike a decode it may know the time, which is the present one.
   */
  encodeDownlink(command: DownlinkCommand): Promise<Downlink | Unusable>;
  /** The Things Stack's `normalizeUplink`, which makes its own vocabulary of decoded data. In it, now is 1970. */
  normalizeUplink(data: Readonly<Record<string, unknown>>): Promise<Rows | Unusable>;
}
