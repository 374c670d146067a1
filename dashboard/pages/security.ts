import helmet from '@fastify/helmet';
import type { Http } from '../../infra/http/server.ts';

/** What a page may load. */
const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** The same for the page of the map: its worker is a file of ours, and it may ask one other server for what lies under the sites. */
export const mapPolicy = (origin: string | undefined): string =>
  Object.entries({
    ...policy,
    'worker-src': ["'self'"],
    'connect-src': ["'self'", ...(origin === undefined ? [] : [origin])],
  })
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join(';');

/**
 * What a page may load: our own files, nothing inline, nothing from elsewhere, in nobody's frame. `https:` is not
 * forced, because a council may well run this on a network of its own without certificates; a proxy that speaks TLS to
 * the outside adds Strict-Transport-Security itself, with a time that fits its certificates.
 */
export const protect = async (http: Http): Promise<void> => {
  await http.register(helmet, {
    strictTransportSecurity: false,
    // With no-referrer, browsers say "Origin: null" of our own forms too, and nobody could tell them from a stranger's.
    referrerPolicy: { policy: 'same-origin' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: policy,
    },
  });
};
