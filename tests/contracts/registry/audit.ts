import { expect } from 'vitest';
import { deviceId, siteId } from '../../../device-profiles/vocabulary/index.ts';
import type { Actor, AuditEntry, Registry } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const site = siteId('mersey-square');
const engineer: Actor = { kind: 'command-line', name: 'engineer' };

/** The actions of an audit trail, oldest first, with who did them. */
const told = async (registry: Registry, subject?: AuditEntry['subject']): Promise<readonly string[]> =>
  (await registry.audit({ limit: 100, ...(subject === undefined ? {} : { subject }) }))
    .map(({ action, actor }) => `${actor.kind} ${actor.name}: ${action}`)
    .reverse();

/** Who did what, as the audit trail tells it. */
export const auditCases: readonly RegistryCase[] = [
  {
    title: 'each change leaves a line that says who did what, and what was refused leaves none',
    run: async ({ registry, another }) => {
      const by = registry.as(engineer);
      await by.addDevice({ ...device, status: 'planned', site });
      await by.updateDevice(id, { status: 'commissioned', name: 'Column 14', site: 'heaton' });
      const { credential } = await by.rotateToken(id);
      await by.revoke(id, credential.id);
      await registry.updateDevice(id, { name: 'Column 15' });
      await refusal(by.updateDevice(id, { status: 'planned' }));
      await by.updateDevice(id, { name: 'Column 15' });
      await by.addSite({ id: 'elsewhere' });
      await by.updateSite(siteId('elsewhere'), { name: 'Elsewhere' });
      const rule = await by.addRule({ name: 'Busy', quantity: 'no2', when: 'above', threshold: 200 });
      await by.removeRule(rule.id);
      await by.createKey({ name: 'Bury', role: 'viewer' });
      await by.removeDevice(id);
      const mine = 'command-line engineer';
      const ofDevice = [
        `${mine}: device-added`,
        `${mine}: status-changed`,
        `${mine}: device-changed`,
        `${mine}: deployed`,
        `${mine}: token-rotated`,
        `${mine}: credential-revoked`,
        'kerbside kerbside: device-changed',
        `${mine}: device-removed`,
      ];
      expect(await told(registry, { kind: 'device', id })).toEqual(ofDevice);
      const others = ['site-added', 'site-changed', 'rule-added', 'rule-removed', 'key-created'].map(
        (action) => `${mine}: ${action}`,
      );
      expect(await told(await another())).toEqual([...ofDevice.slice(0, -1), ...others, ...ofDevice.slice(-1)]);
    },
  },
  {
    title: 'the audit trail is read page by page, newest first, and knows no secret',
    run: async ({ registry, clock }) => {
      const { token } = await registry.addDevice(device);
      const rotated = await registry.rotateToken(id);
      const { secret } = await registry.createKey({ name: 'Bury', role: 'viewer' });
      const first = await registry.audit({ limit: 2 });
      expect(first.map(({ action, at }) => [action, at])).toEqual([
        ['key-created', clock.now()],
        ['token-rotated', clock.now()],
      ]);
      const rest = await registry.audit({ limit: 2, before: first.at(-1)?.id ?? 0 });
      expect(rest.map(({ action }) => action)).toEqual(['device-added']);
      const text = JSON.stringify([...first, ...rest]);
      expect([token, rotated.token, secret].filter((each) => text.includes(each))).toEqual([]);
      expect(await refusal(registry.audit({ limit: 0 }))).toBe('limit-invalid');
    },
  },
];
