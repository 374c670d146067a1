import type { Config } from '../infra/config/index.ts';
import type { Link, Registry } from '../infra/registry/contract.ts';

/** The address of a link for somebody: where people reach this server, else where it listens. */
export const joinAddress = (
  { token }: Pick<Link, 'token'>,
  { publicUrl, host, port }: Config['http'],
  listening?: string,
): string => {
  const everywhere = host === '0.0.0.0' || host === '::';
  const base =
    publicUrl ?? listening ?? `http://${everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
  return `${base.replace(/\/$/, '')}/join/${token}`;
};

/**
 * While there is no administrator: a new link for the first one, in words, for whoever started the server; earlier ones
 * are good no more. Undefined once there is one. It goes to the terminal and not into the log, which others read.
 */
export const firstAdministratorWords = async (
  registry: Pick<Registry, 'hasAdministrator' | 'firstLink'>,
  http: Config['http'],
  listening: string | undefined,
): Promise<string | undefined> => {
  if (registry.hasAdministrator() || listening === undefined) return undefined;
  const link = await registry.firstLink();
  return `There is no administrator yet. Whoever opens this link becomes the first one; it is good once, for a day:\n${joinAddress(link, http, listening)}\n`;
};
