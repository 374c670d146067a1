import type { BrowserContextOptions } from 'playwright-core';
import { personRoles, type PersonRole, type Registry } from '../../infra/registry/contract.ts';

/** Who looks at a page: nobody who signed in, somebody of a role, or somebody half way through signing in. */
export const visitors = ['nobody', ...personRoles, 'has-to-give-a-code', 'has-to-enrol'] as const;
export type Visitor = 'nobody' | PersonRole | 'has-to-give-a-code' | 'has-to-enrol';

/** A server with something to see, and ids that there are on it. */
export interface World {
  readonly url: string;
  readonly site: string;
  /** Another site, at which the same quantity is measured. */
  readonly otherSite: string;
  readonly quantity: string;
  readonly device: string;
  readonly gateway: string;
  /** A LoRaWAN device. */
  readonly radioDevice: string;
  /** The path of the page that explains a value. */
  readonly explain: string;
  /** The id of a message that waits in the quarantine. */
  readonly quarantined: string;
  readonly alert: string;
  readonly rule: string;
  /** The id of an account. */
  readonly person: string;
  /** The token of a link by which somebody may join. */
  readonly invitation: string;
  /** What a browser of such a visitor is opened with. */
  as(visitor: Visitor): BrowserContextOptions;
}

const HOUR_MS = 3_600_000;

/**
 * Makes people and finds ids on a server, whose registry may be that of another process.
 * @param preferred ids to look at where there are several
 * @throws Error when there is nothing to look at.
 */
export const worldOf = async ({
  url,
  registry,
  preferred = {},
}: {
  readonly url: string;
  readonly registry: Registry;
  readonly preferred?: { readonly site?: string; readonly gateway?: string };
}): Promise<World> => {
  const { secret } = await registry.createKey({ name: 'looks at every page', role: 'viewer' });
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${secret}` } });
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const values = rowsOf(await ask('/api/v1/observations/latest')).filter(
    (row) => typeof fieldOf(row, 'site') === 'string' && typeof fieldOf(row, 'value') === 'number',
  );
  const site = preferred.site ?? textOf(firstOf(values, 'values at sites'), 'site');
  const here = values.filter((row) => fieldOf(row, 'site') === site);
  const value = here.find((row) => fieldOf(row, 'quantity') === 'pm2_5') ?? firstOf(here, 'values at the site');
  // Edge boxes are in that list too, and have a page as sensors.
  const gateway = rowsOf(await ask('/api/v1/gateways')).find((row) => /^[0-9a-f]{16}$/.test(textOf(row, 'id')));
  const sessions = new Map<Visitor, string>();
  for (const visitor of visitors) {
    if (visitor === 'nobody') continue;
    const role = visitor === 'has-to-give-a-code' || visitor === 'has-to-enrol' ? 'operator' : visitor;
    const { link } = await registry.inviteAccount({ email: `${visitor}@example.org`, role });
    const account = await registry.joinByLink(link.token, {
      name: `The ${role}`,
      email: '',
      hash: 'no password has this',
    });
    const stage = visitor === 'has-to-give-a-code' ? 'code' : visitor === 'has-to-enrol' ? 'enrol' : 'full';
    sessions.set(
      visitor,
      (
        await registry.openSession({
          account: account.id,
          stage,
          idleMs: HOUR_MS,
          lastsMs: HOUR_MS,
          address: '127.0.0.1',
          agent: '',
        })
      ).token,
    );
  }
  const invited = await registry.inviteAccount({
    email: 'a.person.with.a.long.address@highways.transportation.example.gov.uk',
    role: 'engineer',
    name: 'Bartholomew Featherstonehaugh-Cholmondeley',
  });
  const device = textOf(value, 'device');
  const quantity = textOf(value, 'quantity');
  const beside = firstOf(
    values.filter((row) => fieldOf(row, 'site') !== site && fieldOf(row, 'quantity') === quantity),
    'other sites with the same quantity',
  );
  return {
    url,
    site,
    otherSite: textOf(beside, 'site'),
    quantity,
    device,
    gateway: preferred.gateway ?? textOf(gateway, 'id'),
    radioDevice: textOf(
      firstOf(
        rowsOf(await ask('/api/v1/devices')).filter((row) => typeof fieldOf(row, 'devEui') === 'string'),
        'LoRaWAN devices',
      ),
      'id',
    ),
    explain: `/devices/${device}/explain?${new URLSearchParams({ quantity, time: textOf(value, 'time') }).toString()}`,
    quarantined: String(fieldOf(firstOf(rowsOf(await ask('/api/v1/quarantine')), 'messages in the quarantine'), 'id')),
    alert: String(fieldOf(firstOf(rowsOf(await ask('/api/v1/alerts')), 'alerts'), 'id')),
    rule: String(fieldOf(firstOf(rowsOf(await ask('/api/v1/rules')), 'rules'), 'id')),
    person: invited.account.id,
    invitation: invited.link.token,
    as(visitor) {
      const token = sessions.get(visitor);
      if (token === undefined) return {};
      const { hostname } = new URL(url);
      return {
        storageState: {
          cookies: [
            {
              name: 'kerbside-session',
              value: token,
              domain: hostname,
              path: '/',
              expires: -1,
              httpOnly: true,
              secure: false,
              sameSite: 'Lax',
            },
          ],
          origins: [],
        },
      };
    },
  };
};

const firstOf = <T>(all: readonly T[], what: string): T => {
  const [first] = all;
  if (first === undefined) throw new Error(`there are no ${what} to look at`);
  return first;
};

/** The rows of a list of the API, whatever it is called. */
const rowsOf = (answer: unknown): readonly unknown[] => {
  const lists =
    typeof answer === 'object' && answer !== null ? Object.values(answer).filter((value) => Array.isArray(value)) : [];
  return firstOf(lists, 'lists in an answer');
};

const fieldOf = (row: unknown, key: string): unknown =>
  typeof row === 'object' && row !== null ? Object.getOwnPropertyDescriptor(row, key)?.value : undefined;

const textOf = (row: unknown, key: string): string => {
  const value = fieldOf(row, key);
  if (typeof value !== 'string') throw new Error(`a row of the API has no ${key}`);
  return value;
};
