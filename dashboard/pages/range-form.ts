import { rangeIds, type Range } from './range.ts';

const words = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' } as const;

/** What the form of a range prints: links to the fixed ones, and fields for days. */
export const rangeForm = (path: string, range: Range) => ({
  words: range.words,
  path,
  problem: range.problem,
  custom: range.id === 'custom' || range.problem !== undefined,
  fromDay: range.fromDay,
  toDay: range.toDay,
  links: rangeIds.flatMap((id) =>
    id === 'custom' ? [] : [{ word: words[id], href: id === '24h' ? `${path}#history-heading` : `${path}?range=${id}#history-heading`, current: range.id === id && range.problem === undefined }],
  ),
});
