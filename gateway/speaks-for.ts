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
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return id === pattern;
  if (id.length < head.length + tail.length || !id.startsWith(head) || !id.endsWith(tail)) return false;
  // What stands between two `*`: the first place where it fits leaves the most room for what follows.
  let at = head.length;
  for (const part of rest) {
    const found = id.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= id.length - tail.length;
};
