import view from '@fastify/view';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { join } from 'node:path';
import nunjucks from 'nunjucks';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import { assertScope, identityOf, type Identity } from '../../infra/http/auth.ts';
import { heavyTables, keepLimits, trying } from '../limits.ts';
import { compression } from '../../infra/http/compress.ts';
import { problemOf } from '../../infra/http/problem.ts';
import type { Http } from '../../infra/http/server.ts';
import { ownPath } from '../accounts/own-path.ts';
import { escaped } from '../chart/svg.ts';
import { ensureBuilt, packagesDir } from '../build.ts';
import { publishedLatest, publishedOverview, publishedRegistry } from '../published.ts';
import { sightOf } from '../sight.ts';
import { mapFiles } from '../map/files.ts';
import { serveTheme } from '../theme/serve.ts';
import { themeOf } from '../theme/theme.ts';
import { wordsIn, type Language } from '../words/index.ts';
import { accessibilityPage } from './accessibility.ts';
import { alertForms } from './alerts/answer.ts';
import { alertsPage } from './alerts/list.ts';
import { alertPage, alertValues } from './alerts/story.ts';
import { addressOf, askedOf } from './asked.ts';
import { serveAssets } from './assets.ts';
import { openAccountPages } from './accounts/index.ts';
import { baseOf } from './accounts/parts.ts';
import { comparePage } from './compare.ts';
import { comparisonFile } from './comparison-file.ts';
import { formCookie, openDesk, type Visit } from './desk.ts';
import { devicesPage } from './devices.ts';
import { openDrawn } from './drawn.ts';
import { openEngineerPages } from './engineers/index.ts';
import { explainPage } from './explain.ts';
import { frameOf } from './frame.ts';
import { frontPage } from './front.ts';
import { gatewayPage, gatewaysPage } from './gateways.ts';
import { keepLanguage, languageOf, otherLanguages, sayings } from './language.ts';
import { mapPage } from './map.ts';
import type { Page, PageMaker, PageParts, Seeing } from './page.ts';
import { devicePage, sitePage } from './place.ts';
import { errorPage, fromOf, signInHref, wantsHtml } from './refused.ts';
import { rulePages } from './rules/index.ts';
import { openSparks } from './sparks.ts';
import { deviceValues, siteCounts, siteValues, type TableMaker } from './tables.ts';
import { mapPolicy } from './security.ts';
import { wallPage } from './wall.ts';

const makers: ReadonlyMap<string, PageMaker> = new Map<string, PageMaker>([
  ['/', frontPage],
  ['/map', mapPage],
  ['/compare', comparePage],
  ['/wall', wallPage],
  ['/sites/:id', sitePage],
  ['/devices', devicesPage],
  ['/devices/:id', devicePage],
  ['/devices/:id/explain', explainPage],
  ['/gateways', gatewaysPage],
  ['/gateways/:id', gatewayPage],
  ['/alerts', alertsPage],
  ['/alerts/:id', alertPage],
  ['/accessibility', accessibilityPage],
]);

/** Files of the tables that pages show. */
const tables: ReadonlyMap<string, TableMaker> = new Map<string, TableMaker>([
  ['/sites/:id/values.csv', siteValues],
  ['/sites/:id/counts.csv', siteCounts],
  ['/devices/:id/values.csv', deviceValues],
  ['/alerts/:id/values.csv', alertValues],
]);

/** What everybody sees where the pages are open for published sites only; they are made from these sites alone. */
const openWhenPublished: ReadonlySet<string> = new Set([
  '/',
  '/map',
  '/compare',
  '/wall',
  '/sites/:id',
  '/sites/:id/values.csv',
  '/sites/:id/counts.csv',
  '/alerts',
  '/alerts/:id',
  '/alerts/:id/values.csv',
  '/accessibility',
]);
/** What everybody sees everywhere: the law asks for it. */
const alwaysOpen: ReadonlySet<string> = new Set(['/accessibility']);

/** Registers the pages and their files. Answers how to stop following the registry. */
export const pages = async (http: Http, given: Omit<PageParts, 'sparks'>): Promise<{ close(): void }> => {
  const parts: PageParts = { ...given, sparks: openSparks(given) };
  const theme = themeOf(parts.config);
  const assets = await ensureBuilt();
  const drawn = openDrawn();
  await serveAssets(http, assets);
  serveTheme(http, theme);
  await http.register(async (scope) => {
    await scope.register(compression.plugin, { ...compression.options, global: false });
    await keepLimits(scope, parts.registry);
    await scope.register(view, {
      engine: { nunjucks },
      templates: [join(import.meta.dirname, 'views'), join(packagesDir(), 'govuk-frontend', 'dist')],
      options: { autoescape: true, trimBlocks: true, lstripBlocks: true },
    });
    const { config, registry } = parts;
    /** The same for everybody of that role, with places for who it is and for the tokens of his forms. */
    const print = (page: Page, path: string, who: Identity, language: Language): Promise<string> =>
      scope.view(page.template, {
        ...page.content,
        frame: frameOf(page, path, { parts, assets, theme, who, language }),
      });
    scope.addHook('onRequest', async (request, reply) => keepLanguage(request, reply));
    /** Of the path without its query: it may hold the token of a link, which is for whoever has it and nobody else. */
    const dress = async (
      html: string,
      { request, who }: Pick<Visit, 'request' | 'who'>,
      formToken: string,
    ): Promise<string> => {
      const person = who.kind === 'person' ? who.session.account : undefined;
      const slot = await scope.view('who', {
        who: person,
        formToken,
        path: request.method === 'GET' ? ownPath(request.url) : '/',
        others: otherLanguages(request, config),
        ...sayings(wordsIn(languageOf(request, config))),
      });
      return html
        .replace(WHO, () => slot)
        .replace(ORIGIN, () => escaped(baseOf({ config }, { request })))
        .replaceAll(FORM, () => formToken);
    };
    const printFor = async (page: Page, visit: Pick<Visit, 'request' | 'who'>, formToken: string): Promise<string> =>
      dress(await print(page, visit.request.url, visit.who, languageOf(visit.request, config)), visit, formToken);
    const published: PageParts = {
      ...parts,
      registry: publishedRegistry(registry, () => parts.clock.now()),
      latest: publishedLatest(parts.latest, registry),
      now: { ...parts.now, overview: () => publishedOverview(parts.now.overview(), registry) },
    };
    /** Who asks for what is on such a page, how much he sees, and the parts that it is made from for him. */
    const seeing = (request: FastifyRequest, path: string): Seeing => {
      const who = identityOf(registry, request);
      const sight = sightOf(who, config.dashboard.open);
      if (sight !== 'everything' && !alwaysOpen.has(path) && !(sight === 'published' && openWhenPublished.has(path)))
        assertScope(who, 'read');
      return {
        who,
        sight,
        asked: askedOf(request, who, languageOf(request, config)),
        parts: sight === 'everything' ? parts : published,
      };
    };
    mapFiles(scope, { seeing: (request) => seeing(request, '/map'), drawn });
    comparisonFile(scope, (request) => seeing(request, '/compare'));
    const policies = new Map([['/map', mapPolicy(parts.map.origin)]]);
    // Pages that redraw themselves have none: an office behind one address looks at them all day.
    const limits = new Map([['/devices/:id/explain', trying]]);
    for (const [path, make] of makers) {
      scope.get(path, { schema: { hide: true }, ...limits.get(path) }, async (request, reply) => {
        const { who, sight, asked, parts: seen } = seeing(request, path);
        const role = who.kind === 'person' ? who.session.account.role : who.kind;
        const html = await drawn.page(JSON.stringify([path, sight, role, asked]), async () => {
          const asOf = performance.now();
          return print({ asOf, ...(await make(asked, seen)) }, addressOf(request, asked), who, asked.language);
        });
        const policy = policies.get(path);
        if (policy !== undefined) void reply.header('Content-Security-Policy', policy);
        const dressed = await dress(html, { request, who }, formTokenOf(request, registry));
        // Compressed, the length of a page would tell of the token in it to whoever can have words of his own
        // beside it (BREACH).
        return who.kind === 'person' || html.includes(FORM)
          ? asHtml(reply).send(dressed)
          : asHtml(reply).compress(dressed);
      });
    }
    for (const [path, make] of tables) {
      scope.get(path, { schema: { hide: true }, ...heavyTables }, async (request, reply) => {
        const { asked, parts: seen } = seeing(request, path);
        const { name, text } = await make(asked, seen);
        return reply
          .type('text/csv; charset=utf-8; header=present')
          .header('Cache-Control', 'private, no-cache')
          .header('Content-Disposition', `attachment; filename="${name.replaceAll(/[^A-Za-z0-9._-]/g, '-')}"`)
          .compress(text);
      });
    }
    const desk = openDesk(scope, { registry, print: printFor });
    openAccountPages(desk, parts);
    openEngineerPages(desk, parts);
    alertForms(desk, parts, drawn);
    rulePages(desk, parts);
    scope.get('/*', { schema: { hide: true } }, (request) => {
      throw new NotFound('route-unknown', `There is no page at ${request.url.slice(0, 200)}`);
    });
    scope.setErrorHandler(async (error, request, reply) => {
      // What a program asked for is answered as problem+json, by the handler of the whole server.
      if (request.url.startsWith('/api/') || !wantsHtml(request)) throw error;
      const problem = problemOf(error, request.url, request.routeOptions.bodyLimit);
      if (problem.code === 'internal')
        parts.log.error({ err: error, route: request.routeOptions.url }, 'a page failed');
      if (problem.status === 401) return reply.header('Cache-Control', 'no-store').redirect(signInHref(request), 303);
      const visit = { request, who: identityOf(registry, request) };
      return asHtml(reply.status(problem.status)).send(
        await printFor(
          errorPage(problem, { words: wordsIn(languageOf(request, config)), from: fromOf(request) }),
          visit,
          formTokenOf(request, registry),
        ),
      );
    });
  });
  const leave = parts.registry.onChange(() => drawn.forget());
  return { close: leave };
};

/**
 * Where a page says who is signed in, the token of each form, and for paper where it came from: no text from outside
 * can say that, it is escaped.
 */
const WHO = '<!--who-->';
const FORM = '<!--form-->';
const ORIGIN = '<!--origin-->';

const formTokenOf = (request: FastifyRequest, registry: PageParts['registry']): string => {
  const cookie = formCookie(request);
  return cookie === undefined ? '' : registry.formToken(cookie);
};

const asHtml = (reply: FastifyReply): FastifyReply =>
  reply.type('text/html; charset=utf-8').header('Cache-Control', 'private, no-cache').header('Vary', 'Accept, Cookie');
