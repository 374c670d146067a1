import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Our cookies. `session`: who is signed in. `form`: ties a form that is shown before anybody is signed in to its browser.
 * `elsewhere`: a sign-in that is under way at another service. `language`: in which language somebody reads.
 */
export type CookieName = 'session' | 'form' | 'elsewhere' | 'language';

/** Longer ones are nobody's of ours. */
const VALUE_AT_MOST = 2_048;

/**
 * `__Host-` binds a cookie to this very host, over TLS (RFC 6265bis, 4.1.3.2), so that no neighbouring site can plant
 * one. Browsers keep such a cookie only where TLS is spoken.
 */
const fullName = (name: CookieName, secure: boolean): string => `${secure ? '__Host-' : ''}kerbside-${name}`;

/** The value of one of our cookies in a request's headers; undefined when there is none. */
export const cookieIn = ({ cookie }: IncomingHttpHeaders, name: CookieName, secure: boolean): string | undefined => {
  const wanted = fullName(name, secure);
  for (const part of (cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at < 0 || part.slice(0, at).trim() !== wanted) continue;
    const value = part.slice(at + 1).trim();
    return value === '' || value.length > VALUE_AT_MOST ? undefined : value;
  }
  return undefined;
};

/** Whether the browser speaks TLS with whoever stands before us, by `http.publicUrl` or by a proxy that is believed. */
export const isOverTls = ({ server, protocol }: Pick<FastifyRequest, 'server' | 'protocol'>): boolean =>
  server.behindTls || protocol === 'https';

/** The value of one of our cookies. */
export const cookieOf = (request: FastifyRequest, name: CookieName): string | undefined =>
  cookieIn(request.headers, name, isOverTls(request));

/** Sets a cookie for as long as the browser is open, or so many seconds; empty takes it away. */
export const setCookie = (
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  name: CookieName,
  { value, seconds }: { readonly value: string; readonly seconds?: number },
): void => {
  const secure = isOverTls(request);
  const age = value === '' ? '; Max-Age=0' : seconds === undefined ? '' : `; Max-Age=${seconds}`;
  // `Lax`: whoever comes by a link in a letter is signed in, and no other site can post in his name.
  void reply.header(
    'Set-Cookie',
    `${fullName(name, secure)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${age}`,
  );
};
