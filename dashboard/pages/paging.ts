import type { Words } from '../words/index.ts';
import { marked } from './language.ts';

/** A page of a long list, and the links to the others as govuk-frontend's pagination takes them. */
export interface Paged<T> {
  readonly rows: readonly T[];
  readonly from: number;
  readonly to: number;
  readonly total: number;
  readonly links:
    | {
        readonly previous?: Turn;
        readonly next?: Turn;
        readonly items: readonly PageLink[];
      }
    | undefined;
}
interface Turn {
  readonly href: string;
  readonly html: string;
}
type PageLink =
  | { readonly number: number; readonly href: string; readonly current: boolean; readonly visuallyHiddenText: string }
  | { readonly ellipsis: true };

/** Rows on a page: about 100 kB of words; a list of ten thousand is not read, it is searched. */
export const ROWS_A_PAGE = 100;

/** `page` is as the address gives it; what is no page of the list is the first or the last. */
export const paged = <T>(
  rows: readonly T[],
  page: string | undefined,
  hrefOf: (page: number) => string,
  words: Words,
): Paged<T> => {
  const turn = (to: number, word: 'pages.previous' | 'pages.next'): Turn => ({
    href: hrefOf(to),
    html: `${marked(words, word)}<span class="govuk-visually-hidden"> ${marked(words, 'pages.page')}</span>`,
  });
  const pages = Math.max(1, Math.ceil(rows.length / ROWS_A_PAGE));
  const asked = Math.trunc(Number(page ?? 1));
  const current = Number.isNaN(asked) ? 1 : Math.min(Math.max(asked, 1), pages);
  const start = (current - 1) * ROWS_A_PAGE;
  const shown = rows.slice(start, start + ROWS_A_PAGE);
  const near = Array.from({ length: pages }, (_, i) => i + 1).filter(
    (n) => n === 1 || n === pages || Math.abs(n - current) <= 1,
  );
  const items = near.flatMap((number, i): PageLink[] => {
    const link = {
      number,
      href: hrefOf(number),
      current: number === current,
      visuallyHiddenText: words.say('pages.number', { number: String(number) }),
    };
    return number - (near[i - 1] ?? 0) > 1 ? [{ ellipsis: true }, link] : [link];
  });
  return {
    rows: shown,
    from: shown.length === 0 ? 0 : start + 1,
    to: start + shown.length,
    total: rows.length,
    links:
      pages === 1
        ? undefined
        : {
            ...(current > 1 ? { previous: turn(current - 1, 'pages.previous') } : {}),
            ...(current < pages ? { next: turn(current + 1, 'pages.next') } : {}),
            items,
          },
  };
};
