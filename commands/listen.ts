import { Unavailable } from '../device-profiles/vocabulary/index.ts';
import type { Http } from '../infra/http/server.ts';

/** Listens and answers the URL, or undefined when the port is 0. @throws Unavailable (`port-in-use`) saying which setting moves it. */
export const listenOrSay = async (
  http: Http,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string | undefined> => {
  if (port === 0) {
    await http.ready();
    return undefined;
  }
  try {
    return await http.listen({ host, port });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw cause;
    throw new Unavailable(
      'port-in-use',
      `port ${port} on ${host} is taken by another program; set KERBSIDE_HTTP_PORT to a free one, or to 0 to do without`,
      { cause },
    );
  }
};
