import type { Journal } from '../../infra/journal/contract.ts';

/** A journal that does as the real one, except where the test says otherwise. */
export const journalBut = (real: Journal, changes: Partial<Journal>): Journal => ({
  append: (uplinks) => real.append(uplinks),
  consume: (consumer, handle) => real.consume(consumer, handle),
  read: (query) => real.read(query),
  newest: (query) => real.newest(query),
  following: (query) => real.following(query),
  ahead: (now) => real.ahead(now),
  stats: () => real.stats(),
  prune: () => real.prune(),
  close: () => real.close(),
  ...changes,
});
