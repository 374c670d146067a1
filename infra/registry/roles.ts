/**
 * What people and programs may do, in one table. A role is given to a person or to an API key; routes and pages ask for
 * a scope, never for a role.
 */

/** Roles that a person can have. */
export const personRoles = ['viewer', 'operator', 'engineer', 'partner', 'administrator'] as const;
export type PersonRole = (typeof personRoles)[number];
/** Roles that a key can have: `network-server` is for programs only. */
export const roles = [...personRoles, 'network-server'] as const;
export type Role = (typeof roles)[number];

/**
 * `read` opens observations, live events and the feed; `operate` answers alerts; `manage` registers devices, sites and
 * rules, publishes sites, re-drives quarantine, reads the audit trail; `administer` has accounts and keys; `deliver`
 * brings in what a LoRaWAN network server says of any device.
 */
export const scopes = ['read', 'operate', 'manage', 'administer', 'deliver'] as const;
export type Scope = (typeof scopes)[number];

/** What each role may do. */
export const scopesOf: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read'],
  partner: ['read'],
  operator: ['read', 'operate'],
  engineer: ['read', 'operate', 'manage'],
  administrator: ['read', 'operate', 'manage', 'administer'],
  'network-server': ['deliver'],
};

/** Who may, for those who may not: `engineer or administrator`. */
export const rolesWith = (scope: Scope): string => roles.filter((role) => scopesOf[role].includes(scope)).join(' or ');

/** What a key may do: what its role may, or the part of it that was chosen when it was made. */
export const scopesOfKey = ({
  role,
  scopes: chosen,
}: {
  readonly role: Role;
  readonly scopes?: readonly Scope[];
}): readonly Scope[] =>
  chosen === undefined ? scopesOf[role] : scopesOf[role].filter((scope) => chosen.includes(scope));
