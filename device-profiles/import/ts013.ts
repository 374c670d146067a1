import type { Sandbox } from '../codec/sandbox.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import type { Instant } from '../vocabulary/time.ts';

/** Rows of a codec's answer. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** A frame for a codec, with what ChirpStack hands it besides. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly fPort?: number;
  readonly recvTime: Instant;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The functions of a payload codec (TS013-1.0.0; `normalizeUplink` is The Things Stack's). */
export interface Ts013 {
  decodeUplink(frames: readonly Frame[]): Promise<readonly (Rows | Unusable)[]>;
  decodeDownlink(frame: Frame): Promise<Rows | Unusable>;
  encodeDownlink(command: {
    readonly data: Readonly<Record<string, unknown>>;
    readonly fPort?: number;
  }): Promise<{ readonly bytes: Uint8Array; readonly fPort?: number } | Unusable>;
  normalizeUplink(data: Readonly<Record<string, unknown>>): Promise<Rows | Unusable>;
}

/**
 * A codec's functions, each asked through the one function that the sandbox calls: a few lines behind the codec's text
 * make `decodeUplink` hand on what is asked.
 */
export const ts013 = (sandbox: Sandbox, source: string): Ts013 => {
  const legacy = `\n;if (typeof decodeUplink !== 'function' && typeof Decoder === 'function') globalThis.decodeUplink = (i) => ({ data: Decoder(i.bytes, i.fPort) });`;
  const ask = (name: string, input: unknown, frame?: Frame): Rows | Unusable =>
    sandbox
      .codec(
        `${source}\n;(() => { const given = ${JSON.stringify(input)}; const call = typeof ${name} === 'function' ? ${name} : undefined; globalThis.decodeUplink = (i) => { if (call === undefined) return { errors: ['there is no function ${name}'] }; const r = call(${frame === undefined ? 'given' : 'i'}); return '${name}' === 'encodeDownlink' && !(r.errors && r.errors.length) ? { data: { bytes: Array.from(r.bytes), fPort: r.fPort } } : r; }; })();`,
      )
      .decode(frame ?? { bytes: new Uint8Array(), recvTime: NEVER });
  return {
    decodeUplink: async (frames) => frames.map((frame) => sandbox.codec(source + legacy).decode(frame)),
    decodeDownlink: async (frame) => ask('decodeDownlink', {}, frame),
    normalizeUplink: async (data) => ask('normalizeUplink', { data }),
    encodeDownlink: async (command) => {
      const rows = ask('encodeDownlink', command);
      if ('reason' in rows) return rows;
      const { bytes, fPort } = rows[0] ?? {};
      if (!Array.isArray(bytes) || !bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255))
        return { reason: 'codec-output', detail: 'encodeDownlink gave no bytes' };
      return { bytes: Uint8Array.from(bytes), ...(typeof fPort === 'number' ? { fPort } : {}) };
    },
  };
};

const NEVER = 0 as Instant;
