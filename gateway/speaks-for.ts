import type { DeviceId } from '../device-profiles/vocabulary/index.ts';

/**
 * Whether a gateway's list covers a device: its id stands in it, or a pattern fits all of it. In a pattern `*` stands
 * for any characters, none among them; every other character stands for itself, so that nothing in it is ever read as
 * a regular expression. Takes time in proportion to the length of the list's texts.
 * @param list as `Device.speaksFor` has it; undefined covers nothing.
 */
export const speaksFor = (list: readonly string[] | undefined, device: DeviceId): boolean =>
  list?.some((each) => fits(each, device)) ?? false;

const fits = (pattern: string, id: string): boolean => {
  const first = pattern.indexOf('*');
  if (first < 0) return id === pattern;
  // Most patterns of a long list are somebody else's from their first letters on.
  if (!id.startsWith(pattern.slice(0, first))) return false;
  const last = pattern.lastIndexOf('*');
  const end = id.length - (pattern.length - last - 1);
  if (!id.endsWith(pattern.slice(last + 1))) return false;
  // What stands between two `*`: the first place where it fits leaves the most room for what follows. Head and tail
  // may not share letters either, so what is found must end before the tail begins.
  let at = first;
  for (const part of pattern.slice(first, last).split('*')) {
    const found = id.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
};
