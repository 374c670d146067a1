import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock, Uplink } from '../../../device-profiles/vocabulary/index.ts';
import { openThingsStack, type ThingsStackDoor } from '../../../gateway/lorawan/things-stack/door.ts';
import type { BackfillLimits } from '../../../gateway/lorawan/things-stack/storage.ts';
import { openHttp } from '../../../infra/http/server.ts';
import type { Journal } from '../../../infra/journal/contract.ts';
import type { NetworkEvent, RadioNews } from '../../../infra/radio/contract.ts';
import type { ApiKey } from '../../../infra/registry/contract.ts';
import { openGround, type Ground } from '../../gateway/ground.ts';

/** The doors of The Things Stack with real parts behind them, on a real HTTP server. */
export interface Street extends Ground {
  readonly url: string;
  readonly door: ThingsStackDoor;
  readonly news: readonly RadioNews[];
  readonly markFile: string;
  key(role: ApiKey['role']): Promise<string>;
  events(): readonly NetworkEvent[];
  /** Of an uplink that came once. */
  only(): Promise<Uplink>;
}

/** So that nothing is waited for in a test. */
export const quick: BackfillLimits = {
  pageLines: 50,
  pageMs: 2_000,
  pagesAtMost: 200,
  firstWaitMs: 1,
  waitAtMostMs: 4,
  faultsAtMost: 6,
};

export const openStreet = async ({
  ground: given,
  settings = {},
  changed = (journal) => journal,
  limits = quick,
  clock,
}: {
  readonly ground?: Ground;
  readonly settings?: Record<string, string>;
  readonly changed?: (journal: Journal) => Journal;
  readonly limits?: BackfillLimits;
  readonly clock?: Clock;
} = {}): Promise<Street> => {
  const ground = given ?? (await openGround(clock));
  const news: RadioNews[] = [];
  const markFile = join(ground.dir, 'things-stack.json');
  const parts = { ...ground, journal: changed(ground.journal), config: ground.config(settings) };
  const door = openThingsStack({ ...parts, radio: { tell: (one) => void news.push(one) } }, { mark: markFile, limits });
  const http = openHttp({ log: ground.log });
  await http.register(door.routes);
  await http.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await door.close();
    await http.close();
  });
  const address = http.server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    ...ground,
    url: `http://127.0.0.1:${port}`,
    door,
    news,
    markFile,
    key: async (role) => (await ground.registry.createKey({ name: role, role })).secret,
    events: () => news.filter((one): one is NetworkEvent => 'devEui' in one),
    only: async () => {
      const [first, ...more] = await ground.kept();
      if (first === undefined || more.length > 0)
        throw new Error(`${more.length + (first === undefined ? 0 : 1)} uplinks`);
      return first;
    },
  };
};
