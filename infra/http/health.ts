import { isIPv4 } from 'node:net';
import type { Journal } from '../journal/contract.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Registry } from '../registry/contract.ts';
import { requireScope } from './auth.ts';
import type { Http } from './server.ts';

const loopback = (address: string): boolean =>
  address === '::1' || address.startsWith('::ffff:127.') || (isIPv4(address) && address.startsWith('127.'));

/**
 * `/healthz`: the process answers. `/readyz`: it takes uplinks (503 and the reason while it does not).
 * `/metrics`: Prometheus text, open to this machine, elsewhere with a key that may read.
 */
export const healthRoutes = (
  http: Http,
  { journal, registry, metrics }: { readonly journal: Journal; readonly registry: Registry; readonly metrics: Metrics },
): void => {
  http.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }));
  http.get('/readyz', { schema: { hide: true } }, (_request, reply) => {
    const { accepting, refusing, backlog } = journal.stats();
    return reply.status(accepting ? 200 : 503).send({
      status: accepting ? 'ready' : 'refusing',
      ...(refusing === undefined ? {} : { code: refusing }),
      backlog,
    });
  });
  const mayRead = requireScope(registry, 'read');
  http.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!loopback(request.ip)) await mayRead(request);
    const { accepting, backlog } = journal.stats();
    metrics.backlog.set(backlog);
    metrics.accepting.set(accepting ? 1 : 0);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
};
