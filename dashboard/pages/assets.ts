import type { Assets } from '../build.ts';
import fastifyStatic from '@fastify/static';
import type { Http } from '../../infra/http/server.ts';

/** Files carry a hash of their content in their name: a year is for ever. */
const YEAR_S = 365 * 86_400;

/** Serves the built style sheet, script and icon under `/assets/`. */
export const serveAssets = async (http: Http, { dir }: Assets): Promise<void> => {
  await http.register(fastifyStatic, { root: dir, prefix: '/assets/', index: false, decorateReply: false, immutable: true, maxAge: YEAR_S * 1000, schemaHide: true, globIgnore: ['manifest.json'] });
};
