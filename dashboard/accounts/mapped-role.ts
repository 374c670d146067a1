import { personRoles, type PersonRole } from '../../infra/registry/contract.ts';

/** From the one that may least to the one that may most. */
const byReach = ['viewer', 'partner', 'operator', 'engineer', 'administrator'] as const satisfies readonly PersonRole[];

/** `Kerbside.Admins=administrator,Kerbside.Staff=viewer`, which the configuration has checked, as a map. */
export const roleMap = (setting: string): ReadonlyMap<string, PersonRole> =>
  new Map(
    setting.split(',').flatMap((pair) => {
      const [word = '', name] = pair.split('=');
      const role = personRoles.find((one) => one === name?.trim());
      return role === undefined ? [] : [[word.trim(), role] as const];
    }),
  );

/** The role that somebody has by a claim of another service: the one that may most of those that its words give. Undefined: none. */
export const mappedRole = (claim: unknown, map: ReadonlyMap<string, PersonRole>): PersonRole | undefined => {
  const words: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  const has = new Set(words.flatMap((word) => (typeof word === 'string' ? [map.get(word)] : [])));
  return byReach.findLast((role) => has.has(role));
};
