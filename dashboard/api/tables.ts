import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type TSchema } from 'typebox';
import { csv } from './csv.ts';
import { linkNext } from './paging.ts';

/** The answer of a route that gives a table as JSON or, if the request would rather, as CSV. */
export const tableAnswers = (description: string, page: TSchema) => ({
  description,
  content: {
    'application/json': { schema: page },
    'text/csv': {
      schema: Type.String({
        description: 'RFC 4180, with a header; the place to go on from is in the `Link` header',
      }),
    },
  },
});

/** What a cell of a table can be. */
type Value = string | number | boolean | null;

/** JSON, `{[name]: rows, next}`, unless the request would rather have CSV: then the columns that are named. */
export const sendTable = <Column extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    name,
    columns,
    rows,
    next,
  }: {
    readonly name: string;
    readonly columns: readonly Column[];
    readonly rows: readonly Readonly<Record<Column, Value>>[];
    readonly next: string | undefined;
  },
) => {
  const link = linkNext(request, reply, next);
  void reply.header('Vary', 'Accept');
  if (!/\btext\/csv\b/.test(request.headers.accept ?? ''))
    return reply.type('application/json; charset=utf-8').send({ [name]: rows, next: link });
  const cells = rows.map((row) => columns.map((column) => cellOf(row[column])));
  return reply.type('text/csv; charset=utf-8; header=present').send(csv(columns, cells));
};

const cellOf = (value: Value): string | number | null => (typeof value === 'boolean' ? String(value) : value);
