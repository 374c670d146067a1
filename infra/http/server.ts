import Fastify, { type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import { problemOf, RETRY_AFTER_S } from './problem.ts';

/** The one HTTP server; each room hangs its routes on it. Requests and answers are described by TypeBox schemas. */
export type Http = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** A request body: a device's uplink is smaller, and so is a batch of rules; bulk import has a route and a limit of its own. */
const BODY_BYTES = 256 * 1024;
/** Whole request from first byte to last: a sensor on a poor mobile link needs seconds, a slow-loris wants minutes. */
const REQUEST_MS = 30_000;

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether browsers reach this server over TLS, whoever ends it. */
    readonly behindTls: boolean;
  }
}

export interface HttpOptions {
  readonly log: Log;
  /** Where people reach it; `https:` makes cookies that need TLS. */
  readonly publicUrl?: string | undefined;
  /** Addresses and networks of proxies, divided by commas, whose `X-Forwarded-` headers are believed; none: nobody's. */
  readonly proxies?: string | undefined;
}

/** Opens the server without listening. Errors leave it as problem+json; whoever asks for `text/html` is a page's own matter. */
export const openHttp = ({ log, publicUrl, proxies = '' }: HttpOptions): Http => {
  const http = Fastify({
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: REQUEST_MS * 2,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    forceCloseConnections: true,
    logger: false,
    trustProxy: proxies === '' ? false : proxies.split(','),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array', allErrors: true } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  http.decorate('behindTls', publicUrl?.startsWith('https:') ?? false);
  http.setErrorHandler((error, request, reply) => {
    // Without the query: a network server that can do nothing else has its key in there.
    const problem = problemOf(error, request.url.split('?', 1)[0] ?? '', request.routeOptions.bodyLimit);
    if (problem.status >= 500 && problem.code === 'internal')
      log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    if (problem.status === 503) void reply.header('Retry-After', RETRY_AFTER_S);
    if (problem.status === 401)
      void reply.header('WWW-Authenticate', 'Bearer realm="kerbside", Basic realm="kerbside"');
    return reply.status(problem.status).type('application/problem+json').send(problem);
  });
  http.setNotFoundHandler((request) => {
    throw new NotFound(
      'route-unknown',
      `${request.method} ${request.url.slice(0, 200)} is not a route of this server; /api/docs lists them`,
    );
  });
  return http;
};
