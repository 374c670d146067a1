import { DAY_MS } from '../../infra/heard/contract.ts';

const words = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A UTC day, in days since 1970: `26 November 2026`. */
export const dayWords = (day: number): string => words.format(day * DAY_MS);
