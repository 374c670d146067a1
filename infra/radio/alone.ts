import { LINK_DAYS, type Link } from './contract.ts';

const WINDOW_MS = LINK_DAYS * 86_400_000;

/**
 * The link by which alone a device is heard: no other gateway heard it in the `LINK_DAYS` days before it was last
 * heard. Undefined where several did, or none. @param links of one device
 */
export const onlyLink = <T extends Pick<Link, 'heardAt'>>(links: readonly T[]): T | undefined => {
  const newest = links.reduce((max, { heardAt }) => Math.max(max, heardAt), -Infinity);
  const [only, another] = links.filter(({ heardAt }) => heardAt > newest - WINDOW_MS);
  return another === undefined ? only : undefined;
};
