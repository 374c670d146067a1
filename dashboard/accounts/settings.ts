import type { Config } from '../../infra/config/schema.ts';
import { personRoles, type PersonRole } from '../../infra/registry/contract.ts';

/** How an installation lets people sign in. */
export interface SignInSettings {
  readonly idleMs: number;
  readonly lastsMs: number;
  /** Roles that must have a second factor. */
  readonly mustHaveCode: ReadonlySet<PersonRole>;
  /** The name of the installation, which is no part of a password. */
  readonly service: string;
}

export const signInSettings = ({ signIn, dashboard }: Config): SignInSettings => {
  const words = signIn.secondFactorFor.split(',');
  return {
    idleMs: signIn.idleMinutes * 60_000,
    lastsMs: signIn.lastsHours * 3_600_000,
    mustHaveCode: new Set(personRoles.filter((role) => words.includes(role))),
    service: dashboard.name,
  };
};
