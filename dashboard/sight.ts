import type { Identity } from '../infra/http/auth.ts';
import type { Config } from '../infra/config/schema.ts';

/** How much somebody sees: all, what stands at published sites, or nothing. */
export type Sight = Config['dashboard']['open'];

/** Who may read sees everything; everybody else what the configuration says. The same rule holds at each door out. */
export const sightOf = ({ scopes }: Pick<Identity, 'scopes'>, open: Sight): Sight =>
  scopes.includes('read') ? 'everything' : open;
