import type { Words } from '../words/index.ts';
import { rangeIds, type Range } from './range.ts';

const days = { '7d': 7, '30d': 30 } as const;

/** What the form of a range prints: links to the fixed ones, and fields for days. */
export const rangeForm = (path: string, range: Range, words: Words) => ({
  words: range.words,
  path,
  problem: range.problem,
  custom: range.id === 'custom' || range.problem !== undefined,
  fromDay: range.fromDay,
  toDay: range.toDay,
  links: rangeIds.flatMap((id) =>
    id === 'custom'
      ? []
      : [
          {
            word:
              id === '24h' ? words.say('length.hours', { count: 24 }) : words.say('length.days', { count: days[id] }),
            href: id === '24h' ? `${path}#history-heading` : `${path}?range=${id}#history-heading`,
            current: range.id === id && range.problem === undefined,
          },
        ],
  ),
});
