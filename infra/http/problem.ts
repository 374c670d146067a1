import { KerbsideError, Conflict, Invalid, NotFound, Unavailable } from '../../device-profiles/vocabulary/index.ts';

/** An error as RFC 9457 says it: `application/problem+json`. `code` is stable and listed in docs/errors.md. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  /** What is wrong with which field of the request. */
  readonly faults?: readonly { readonly field: string; readonly problem: string }[];
}

/** No valid credentials. Code says which are missing. HTTP 401. */
export class Unauthorised extends KerbsideError {
  override readonly name = 'Unauthorised';
}

/** Valid credentials that do not reach so far. HTTP 403. */
export class Forbidden extends KerbsideError {
  override readonly name = 'Forbidden';
}

/** Seconds after which a caller should try again when we cannot take work now: a group commit and a retry of the store fit in. */
export const RETRY_AFTER_S = 5;

const statusOf = (error: KerbsideError): number => {
  if (error instanceof Invalid) return 400;
  if (error instanceof Unauthorised) return 401;
  if (error instanceof Forbidden) return 403;
  if (error instanceof NotFound) return 404;
  if (error instanceof Conflict) return 409;
  if (error instanceof Unavailable) return 503;
  return 500;
};

/** What Fastify itself says of a request that did not reach a handler, in our words. */
const wireCodes = new Map<string, { status: number; code: string; title: string }>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', { status: 413, code: 'body-too-large', title: 'The body is too large' }],
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    { status: 415, code: 'media-type-unsupported', title: 'This media type is not understood here' },
  ],
  [
    'FST_ERR_CTP_INVALID_CONTENT_LENGTH',
    { status: 400, code: 'content-length-wrong', title: 'The body is not as long as it says' },
  ],
  ['FST_ERR_CTP_INVALID_JSON_BODY', { status: 400, code: 'json-invalid', title: 'The body is not valid JSON' }],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', { status: 400, code: 'body-empty', title: 'The body is empty' }],
]);

interface WireError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly validation?: readonly {
    readonly instancePath: string;
    readonly message?: string;
    readonly params?: Record<string, unknown>;
  }[];
  readonly validationContext?: string;
}

/** How many bytes, in words: 16,384 is `16 KB`. */
const sizeWords = (bytes: number): string =>
  bytes < 1_048_576 ? `${Math.floor(bytes / 1024)} KB` : `${Math.floor(bytes / 1_048_576)} MB`;

/**
 * Any error as a problem. An error that is not ours is a 500 without detail: what broke is for the log, not for the caller.
 * `bodyLimit` is what the route takes, in bytes.
 */
export const problemOf = (error: unknown, instance: string, bodyLimit?: number): Problem => {
  const problem = (
    status: number,
    code: string,
    told: { readonly title: string; readonly detail: string; readonly faults?: NonNullable<Problem['faults']> },
  ): Problem => ({
    type: `https://kerbside.example/problems/${code}`,
    status,
    code,
    instance,
    ...told,
  });
  if (error instanceof KerbsideError)
    return problem(statusOf(error), error.code, { title: titleOf(error), detail: error.message });
  const wire: WireError = typeof error === 'object' && error !== null ? error : {};
  if (wire.validation !== undefined) {
    const faults = wire.validation.map((fault) => {
      const extra = fault.params?.['additionalProperties'] ?? fault.params?.['additionalProperty'];
      const path = [...fault.instancePath.split('/').slice(1), ...(typeof extra === 'string' ? [extra] : [])];
      const where = wire.validationContext ?? 'body';
      return {
        field: [where, ...path].join('.'),
        where: placeWords(where, path.join('.')),
        problem: fault.message ?? 'is invalid',
      };
    });
    const detail = faults.map((fault) => `${fault.where} ${fault.problem}`).join('; ');
    return problem(400, 'request-invalid', {
      title: 'The request is not as this route expects it',
      detail,
      faults: faults.map(({ field, problem: what }) => ({ field, problem: what })),
    });
  }
  const known = wire.code === undefined ? undefined : wireCodes.get(wire.code);
  if (known?.status === 413 && bodyLimit !== undefined)
    return problem(known.status, known.code, {
      title: known.title,
      detail: `What was sent is larger than the ${sizeWords(bodyLimit)} that are taken here`,
    });
  if (known !== undefined) {
    const remedy = known.status === 415 ? '; say what the body is, such as "content-type: application/json"' : '';
    return problem(known.status, known.code, { title: known.title, detail: `${wire.message ?? known.title}${remedy}` });
  }
  const status = wire.statusCode ?? 500;
  if (status === 429)
    return problem(429, 'too-many-requests', { title: 'Too many requests', detail: wire.message ?? 'Try again later' });
  if (status >= 400 && status < 500)
    return problem(status, 'request-invalid', {
      title: 'The request cannot be answered',
      detail: wire.message ?? 'See the API reference',
    });
  return problem(500, 'internal', {
    title: 'Something is broken on our side',
    detail: 'It has been logged; trying again may help.',
  });
};

/** A part of a request as people call it: `the parameter period`, `the field correction.coefficients of the body`. */
const placeWords = (where: string, path: string): string => {
  switch (where) {
    case 'querystring':
      return path === '' ? 'the parameters' : `the parameter ${path}`;
    case 'params':
      return path === '' ? 'the address' : `${path} in the address`;
    case 'headers':
      return path === '' ? 'the headers' : `the header ${path}`;
    default:
      return path === '' ? 'the body' : `the field ${path} of the body`;
  }
};

const titleOf = (error: KerbsideError): string => {
  if (error instanceof Unauthorised) return 'Who are you?';
  if (error instanceof Forbidden) return 'Not with these credentials';
  if (error instanceof NotFound) return 'There is no such thing';
  if (error instanceof Conflict) return 'That contradicts what is there';
  if (error instanceof Unavailable) return 'Not now: try again shortly';
  return 'The request cannot be met';
};
