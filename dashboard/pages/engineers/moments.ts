import { Invalid, parseIso, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { dayOf } from '../../audit-query.ts';

/** What a field for a time says below its label. */
export const momentHint = 'A day such as 2026-11-23, from midnight GMT, or a time such as 2026-11-23T15:00:00Z';

/** A day or a time as somebody types it; undefined where nothing was. @throws Invalid (`time-invalid`). */
export const momentIn = (text: string): Instant | undefined => {
  if (text === '') return undefined;
  const at = dayOf(text, 'begins') ?? parseIso(text);
  if (at === undefined)
    throw new Invalid('time-invalid', 'Enter a day such as 2026-11-23, or a time such as 2026-11-23T15:00:00Z');
  return at;
};
