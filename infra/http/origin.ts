import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request was made by a page of this server: a browser names the origin of each form and each foreign request,
 * and for its own says `same-origin`, which no page can forge (Fetch Metadata). Neither: it is nobody's we know.
 */
export const isOwnPage = ({
  headers,
  host,
}: {
  readonly headers: IncomingHttpHeaders;
  readonly host: string | undefined;
}): boolean => {
  const from = headers['sec-fetch-site'];
  if (from !== undefined) return from === 'same-origin';
  const { origin } = headers;
  return (
    origin !== undefined && host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
  );
};
