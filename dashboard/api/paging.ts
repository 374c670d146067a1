import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { textOrNull } from '../wire.ts';

/** Rows on a page unless asked for more: a screen of a script, about 200 kB of observations. */
export const LIMIT_DEFAULT = 1_000;
/** Rows on a page at most: about 2 MB, 50 ms of the one thread; whoever wants more asks again with the cursor. */
export const LIMIT_MAX = 10_000;

/** The query parameters of every list. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: LIMIT_MAX,
      default: LIMIT_DEFAULT,
      description: `Rows at most; ${LIMIT_DEFAULT} unless given`,
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: 500,
      description: 'Where to go on: `next` of the page before, with the same other parameters',
    }),
  ),
};

/** The `next` of every list. */
export const Next = textOrNull({
  description:
    'Give it as `cursor` to get the page that follows; null at the end. A page may be shorter than `limit`, ' +
    'even empty, and still have a `next`',
});

/**
 * Puts the place to go on from into the `Link` header as well (RFC 8288), so that a client can follow it without
 * knowing our names.
 */
export const linkNext = (request: FastifyRequest, reply: FastifyReply, next: string | undefined): string | null => {
  if (next === undefined) return null;
  const [path, query] = request.url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', next);
  void reply.header('Link', `<${path ?? ''}?${parameters.toString()}>; rel="next"`);
  return next;
};

/** A page of a list that is in memory, sorted by the key; the cursor is the key of the last row given. */
export const pageOf = <T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  { limit = LIMIT_DEFAULT, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
): { readonly page: readonly T[]; readonly next: string | undefined } => {
  const after = cursor === undefined ? undefined : opened(cursor);
  const keyed = rows
    .map((row) => ({ row, key: keyOf(row) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = keyed.slice(0, limit);
  const last = page.at(-1);
  return {
    page: page.map(({ row }) => row),
    next: keyed.length > limit && last !== undefined ? sealed(last.key) : undefined,
  };
};

/** A key as a cursor: opaque, so that nobody builds one. */
export const sealed = (key: string): string => Buffer.from(`1${key}`).toString('base64url');

/** @throws Invalid (`cursor-invalid`) when this server cannot have given it. */
export const opened = (cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!text.startsWith('1') || sealed(text.slice(1)) !== cursor) throw cursorInvalid();
  return text.slice(1);
};

export const cursorInvalid = (): Invalid =>
  new Invalid('cursor-invalid', 'cursor: this is not the `next` of an earlier page');
