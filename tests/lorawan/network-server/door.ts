import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ownIntegrations, readIntegrations } from '../../../gateway/lorawan/network-server/catalogue.ts';
import { integrationRoutes } from '../../../gateway/lorawan/network-server/http.ts';
import { openHttp } from '../../../infra/http/server.ts';
import type { Journal } from '../../../infra/journal/contract.ts';
import type { RadioNews } from '../../../infra/radio/contract.ts';
import { openGround, type Ground } from '../../gateway/ground.ts';
import { changed, emptyFolder } from './folders.ts';

/** The door for operators on real parts, with our integrations and one of an installation, `acme`. */
export interface Door extends Ground {
  /** Of the role network-server. */
  readonly key: string;
  /** What the radio's book was told. */
  readonly told: readonly RadioNews[];
  post(
    id: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ readonly status: number; readonly json: unknown; readonly headers: Headers }>;
}

/** Opens it on a free port; it is closed with the test. */
export const openDoor = async (journal: (journal: Journal) => Journal = (same) => same): Promise<Door> => {
  const ground = await openGround();
  const told: RadioNews[] = [];
  const mine = emptyFolder();
  cpSync(
    join(
      changed([
        'integration.yaml',
        'name: Example of an operator',
        'name: Acme\nproof: { header: X-Acme-Key, query: key }',
      ]),
      'acme',
    ),
    join(mine, 'acme'),
    { recursive: true },
  );
  const http = openHttp({ log: ground.log });
  await http.register(
    integrationRoutes({
      ...ground,
      journal: journal(ground.journal),
      config: ground.config(),
      radio: { tell: (news) => void told.push(news) },
      integrations: await readIntegrations([ownIntegrations, mine]),
    }),
  );
  await http.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => http.close());
  const address = http.server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const { secret: key } = await ground.registry.createKey({ name: 'operator', role: 'network-server' });
  return {
    ...ground,
    key,
    told,
    post: async (id, body, headers = { 'kerbside-key': key }) => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/integrations/${id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: answer.status, json: await answer.json(), headers: answer.headers };
    },
  };
};
