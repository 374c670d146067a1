import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import type { Theme } from './theme.ts';

/** Their addresses carry a version that changes with them: a year is for ever. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Serves the theme's colours as a style sheet of our own, because pages may have no style of their own, and its logo. */
export const serveTheme = (http: Http, { css, logo }: Theme): void => {
  http.get('/theme/colours.css', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('Cache-Control', FOR_EVER).send(css),
  );
  http.get('/theme/logo', { schema: { hide: true } }, (_request, reply) => {
    if (logo === undefined) throw new NotFound('route-unknown', 'There is no logo: theme.logo is not set');
    return reply.type(logo.type).header('Cache-Control', FOR_EVER).send(logo.content);
  });
};
