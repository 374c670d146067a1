import type { Role, Scope } from '../../../infra/registry/contract.ts';

/** What each role may do, as people are told. */
export const roleWords: Readonly<Record<Role, { readonly name: string; readonly may: string }>> = {
  viewer: { name: 'Viewer', may: 'sees everything' },
  operator: { name: 'Operator', may: 'sees everything and answers alerts' },
  engineer: {
    name: 'Engineer',
    may: 'answers alerts, registers devices and sites, sets rules, publishes sites and reads the audit trail',
  },
  partner: { name: 'Partner', may: 'sees everything, for another organisation' },
  administrator: { name: 'Administrator', may: 'does everything, accounts and keys included' },
  'network-server': { name: 'Network server', may: 'brings in what a LoRaWAN network hears' },
};

export const scopeWords: Readonly<Record<Scope, string>> = {
  read: 'read observations',
  operate: 'answer alerts',
  manage: 'manage devices, sites and rules',
  administer: 'manage accounts and keys',
  deliver: 'deliver uplinks of any device',
};

/** A role in a list to choose from. */
export const roleItems = (all: readonly Role[], chosen: string | undefined) =>
  all.map((role) => ({
    value: role,
    text: roleWords[role].name,
    hint: { text: `${roleWords[role].may.charAt(0).toUpperCase()}${roleWords[role].may.slice(1)}` },
    checked: role === chosen,
  }));

export const statusWords = { invited: 'Invited', active: 'Active', disabled: 'Disabled' } as const;

const browsers = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'] as const;
const browserNames: Readonly<Record<(typeof browsers)[number], string>> = {
  Edg: 'Edge',
  OPR: 'Opera',
  Firefox: 'Firefox',
  Chrome: 'Chrome',
  Safari: 'Safari',
};
const systems = ['iPhone', 'iPad', 'Android', 'Windows', 'Mac OS X', 'Linux'] as const;

/** What a browser calls itself, in words that somebody recognises it by. */
export const agentWords = (agent: string): string => {
  const browser = browsers.find((word) => agent.includes(`${word}/`));
  const system = systems.find((word) => agent.includes(word));
  if (browser === undefined) return agent === '' ? 'Unknown browser' : agent.slice(0, 60);
  return system === undefined ? browserNames[browser] : `${browserNames[browser]} on ${system}`;
};
