import type { FastifyRequest } from 'fastify';
import type { Http } from '../../infra/http/server.ts';
import { compare, comparisonCsv } from '../compare/compare.ts';
import { heavyTables } from '../limits.ts';
import type { Seeing } from './page.ts';
import { englishWords } from '../words/index.ts';

/** The file beside the page that compares: the same address with `.csv`, seen by whoever sees the page. */
export const comparisonFile = (scope: Http, seeing: (request: FastifyRequest) => Seeing): void => {
  scope.get('/compare.csv', { schema: { hide: true }, ...heavyTables }, async (request, reply) => {
    const { asked, parts } = seeing(request);
    const text = comparisonCsv(await compare(asked, parts, englishWords));
    return reply
      .type('text/csv; charset=utf-8; header=present')
      .header('Content-Disposition', 'attachment; filename="comparison.csv"')
      .header('Cache-Control', 'private, no-cache')
      .header('Vary', 'Cookie')
      .compress(text);
  });
};
