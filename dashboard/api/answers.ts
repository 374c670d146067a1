import { Type, type TSchema } from 'typebox';

/** The shape of each error (RFC 9457), registered once under this id. */
export const ProblemOut = Type.Object(
  {
    type: Type.String({ description: 'A URI for the kind of problem' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; what programs should look at. docs/errors.md lists them' }),
    detail: Type.String({ description: 'For a person: what was wrong with this request' }),
    instance: Type.String(),
    faults: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), problem: Type.String() }), {
        description: 'What is wrong with which field',
      }),
    ),
  },
  { $id: 'Problem', description: 'What went wrong, as RFC 9457 says it' },
);

const meanings = {
  400: 'The request is not as this route expects it; `faults` or `detail` name the field',
  401: 'No API key, or one that is not valid',
  403: "The key's role may not do this",
  404: 'What the request names is not there',
  409: 'It contradicts what is there',
  429: 'Too many heavy requests with this key; `Retry-After` says when to come back',
  503: 'Cannot take work now; `Retry-After` says when to come back',
} as const;
type ProblemStatus = keyof typeof meanings;

const problem = (status: ProblemStatus) => ({
  description: meanings[status],
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
});

/** The answers of a route that can go wrong: 400, 401, 403 and 503 always, and what else is named. */
export const problems = (...others: readonly ProblemStatus[]) => {
  const all: ProblemStatus[] = [400, 401, 403, 503, ...others];
  return Object.fromEntries(all.map((status) => [status, problem(status)]));
};

/** A closed object. */
export const closed = <Properties extends Record<string, TSchema>>(
  properties: Properties,
  options: { readonly description?: string } = {},
) => Type.Object(properties, { additionalProperties: false, ...options });
