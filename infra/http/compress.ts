import compress, { type FastifyCompressOptions } from '@fastify/compress';

/** What is smaller fits into a packet or two as it is. */
const BYTES_AT_LEAST = 1_400;

/**
 * How answers are compressed: by gzip, which browsers take without TLS too, and off the main thread. Event streams stay
 * as they are, and so do requests: a few bytes sent to us are never made into megabytes.
 */
export const compression = {
  plugin: compress,
  options: {
    encodings: ['gzip'],
    threshold: BYTES_AT_LEAST,
    globalDecompression: false,
  } satisfies FastifyCompressOptions,
} as const;
