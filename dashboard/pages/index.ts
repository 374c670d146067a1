import view from '@fastify/view';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { join } from 'node:path';
import nunjucks from 'nunjucks';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import { requireScope } from '../../infra/http/auth.ts';
import { problemOf, type Problem } from '../../infra/http/problem.ts';
import type { Http } from '../../infra/http/server.ts';
import { ensureBuilt, packagesDir, type Assets } from '../build.ts';
import { accessibilityPage } from './accessibility.ts';
import { alertsPage } from './alerts.ts';
import { serveAssets } from './assets.ts';
import { devicesPage } from './devices.ts';
import { openDrawn } from './drawn.ts';
import { explainPage } from './explain.ts';
import { frontPage } from './front.ts';
import { gatewayPage, gatewaysPage } from './gateways.ts';
import { when } from './models.ts';
import type { Asked, Page, PageMaker, PageParts } from './page.ts';
import { devicePage, sitePage } from './place.ts';

const makers: ReadonlyMap<string, PageMaker> = new Map<string, PageMaker>([
  ['/', frontPage],
  ['/sites/:id', sitePage],
  ['/devices', devicesPage],
  ['/devices/:id', devicePage],
  ['/devices/:id/explain', explainPage],
  ['/gateways', gatewaysPage],
  ['/gateways/:id', gatewayPage],
  ['/alerts', alertsPage],
  ['/accessibility', accessibilityPage],
]);

/** Registers the pages and their files. Answers how to stop following the registry. */
export const pages = async (http: Http, parts: PageParts): Promise<{ close(): void }> => {
  const assets = await ensureBuilt();
  const drawn = openDrawn();
  await serveAssets(http, assets);
  await http.register(async (scope) => {
    await scope.register(view, {
      engine: { nunjucks },
      templates: [join(import.meta.dirname, 'views'), join(packagesDir(), 'govuk-frontend', 'dist')],
      options: { autoescape: true, trimBlocks: true, lstripBlocks: true },
    });
    const print = (page: Page, path: string): Promise<string> =>
      scope.view(page.template, { ...page.content, frame: frameOf(page, path, { parts, assets }) });
    const mayRead = requireScope(parts.registry, 'read');
    const onRequest = async (request: FastifyRequest): Promise<void> => {
      if (!parts.config.dashboard.open) await mayRead(request);
    };
    for (const [path, make] of makers) {
      scope.get(path, { onRequest, schema: { hide: true } }, async (request, reply) => {
        const asked = askedOf(request);
        const html = await drawn.page(JSON.stringify([path, asked]), async () => {
          const asOf = performance.now();
          return print({ asOf, ...(await make(asked, parts)) }, request.url);
        });
        return asHtml(reply).send(html);
      });
    }
    scope.get('/*', { schema: { hide: true } }, (request) => {
      throw new NotFound('route-unknown', `There is no page at ${request.url.slice(0, 200)}`);
    });
    scope.setErrorHandler(async (error, request, reply) => {
      // What a program asked for is answered as problem+json, by the handler of the whole server.
      if (request.url.startsWith('/api/') || !wantsHtml(request)) throw error;
      const problem = problemOf(error, request.url);
      if (problem.code === 'internal')
        parts.log.error({ err: error, route: request.routeOptions.url }, 'a page failed');
      return asHtml(reply.status(problem.status)).send(await print(errorPage(problem), request.url));
    });
  });
  const leave = parts.registry.onChange(() => drawn.forget());
  return { close: leave };
};

const wantsHtml = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') ?? false;

const asHtml = (reply: FastifyReply): FastifyReply =>
  reply.type('text/html; charset=utf-8').header('Cache-Control', 'no-cache').header('Vary', 'Accept');

/**
 * Of an address only what pages know, so that nobody fills the memory with pages that differ in nothing but their
 * address.
 */
const askedOf = ({ params, query }: FastifyRequest): Asked => {
  const from = (source: unknown, key: string): string | undefined => {
    if (typeof source !== 'object' || source === null) return undefined;
    const found: unknown = Object.getOwnPropertyDescriptor(source, key)?.value;
    return typeof found === 'string' ? found : undefined;
  };
  return {
    id: from(params, 'id') ?? '',
    page: from(query, 'page'),
    condition: from(query, 'condition'),
    before: from(query, 'before'),
    quantity: from(query, 'quantity'),
    time: from(query, 'time'),
  };
};

const frameOf = (
  { title, section, live, asOf = 0 }: Page,
  path: string,
  { parts, assets }: { readonly parts: PageParts; readonly assets: Assets },
) => {
  const at = parts.clock.now();
  return {
    title,
    section,
    name: parts.config.dashboard.name,
    live: live !== undefined && parts.config.dashboard.open,
    sites: live?.sites?.join(',') ?? '',
    asOf: Math.floor(asOf),
    path,
    files: assets.files,
    at: when(at, at),
  };
};

const errorTitles = new Map([
  [400, 'That address does not make sense here'],
  [401, 'These pages are not open to everybody'],
  [403, 'These pages are not open to everybody'],
  [404, 'Page not found'],
  [429, 'Too many requests'],
  [503, 'Not available just now'],
]);

const errorPage = (problem: Problem): Page => ({
  template: 'error',
  title: errorTitles.get(problem.status) ?? 'Sorry, something is broken on our side',
  content: { status: problem.status, detail: problem.detail, code: problem.code },
});
