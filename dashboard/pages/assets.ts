import fastifyStatic from '@fastify/static';
import type { Http } from '../../infra/http/server.ts';
import type { Assets } from '../build.ts';

/** Files carry a hash of their content in their name: a year is for ever. */
const YEAR_S = 365 * 86_400;

/** Serves the built style sheets, scripts and icon under `/assets/`; the map's script of 1.1 MB is 300 kB to whoever takes gzip. */
export const serveAssets = async (http: Http, { dir, files }: Assets): Promise<void> => {
  const served = new Set(Object.values(files).map((name) => `/${name}`));
  await http.register(fastifyStatic, {
    root: dir,
    prefix: '/assets/',
    index: false,
    decorateReply: false,
    preCompressed: true,
    immutable: true,
    maxAge: YEAR_S * 1000,
    schemaHide: true,
    allowedPath: (path) => served.has(path),
  });
};
