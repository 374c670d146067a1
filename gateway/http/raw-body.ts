import { errorCodes } from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';

/** As large as an MQTT message may be; a day of one device's minutes fits in. */
export const BODY_AT_MOST_BYTES = 65_536;

/** What a profile may expect: JSON in any dress, text, bytes. No type at all means bytes (RFC 9110, 8.3). */
const understood = /^(application\/(octet-stream|json|[\w.-]+\+json)|text\/[\w.-]+)\s*(;|$)/i;

/**
 * Leaves bodies as the bytes that were sent: what they mean is for the device's profile to say, and the journal keeps
 * them so.
 */
export const takeRawBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_AT_MOST_BYTES }, (_request, body, done) =>
    done(null, body),
  );
};

/** Refuses what could not be understood later. @throws FST_ERR_CTP_INVALID_MEDIA_TYPE, for 415. */
export const checkMediaType = ({ headers }: FastifyRequest): void => {
  const type = headers['content-type'];
  if (type !== undefined && !understood.test(type)) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(type);
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(`${type ?? 'a body'} encoded as ${encoding}`);
};

/**
 * @param remedy what belongs into the body of this route
 * @throws Invalid `body-empty`
 */
export const bytesOf = ({ body }: FastifyRequest, remedy: string): Buffer => {
  if (body instanceof Buffer && body.length > 0) return body;
  throw new Invalid('body-empty', `The body is empty: ${remedy}`);
};
