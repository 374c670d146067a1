import { expect } from 'vitest';
import { deviceId, ruleId, siteId } from '../../../device-profiles/vocabulary/index.ts';
import type { NewRule } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const busy: NewRule = { id: ruleId('no2-busy'), name: 'NO2 above 200', quantity: 'no2', when: 'above', threshold: 200 };

/** Rules, and keys for programs. */
export const ruleAndKeyCases: readonly RegistryCase[] = [
  {
    title: 'a rule that says only what it must fires at once, clears at its threshold and warns',
    run: async ({ registry }) => {
      const rule = await registry.addRule(busy);
      expect(rule).toEqual({ ...busy, clearAt: 200, forMs: 0, severity: 'warning', enabled: true });
      expect(registry.rules()).toEqual([rule]);
    },
  },
  {
    title: 'a rule without an id is given one',
    run: async ({ registry }) => {
      const nameless: NewRule = { name: 'NO2 above 200', quantity: 'no2', when: 'above', threshold: 200 };
      const [first, second] = [await registry.addRule(nameless), await registry.addRule(nameless)];
      expect(first.id).not.toBe(second.id);
      expect(registry.rules()).toHaveLength(2);
    },
  },
  {
    title: 'a rule keeps where it looks, how long it waits and when it clears',
    run: async ({ registry }) => {
      await registry.addDevice({ id: 'aq-1', profile: 'known/air', site: 'mersey-square' });
      const whole = {
        ...busy,
        site: siteId('mersey-square'),
        device: deviceId('aq-1'),
        clearAt: 180,
        forMs: 900_000,
        severity: 'critical',
        enabled: false,
      } as const;
      const rule = await registry.addRule(whole);
      expect(rule).toEqual(whole);
      expect(registry.rules()).toEqual([whole]);
    },
  },
  {
    title: 'a rule for a site or a device that is not there is refused, for it would never fire',
    run: async ({ registry }) => {
      expect(await refusal(registry.addRule({ ...busy, site: siteId('nowhere') }))).toBe('rule-site-unknown');
      expect(await refusal(registry.addRule({ ...busy, device: deviceId('nobody') }))).toBe('rule-device-unknown');
      expect(registry.rules()).toEqual([]);
    },
  },
  {
    title: 'what changes of a rule is what was said, and its line of the audit trail has it before and after',
    run: async ({ registry, another }) => {
      await registry.addSite({ id: 'mersey-square' });
      const { id } = await registry.addRule({ ...busy, site: siteId('mersey-square') });
      const changes = registry.as({ kind: 'account', name: 'Ada' });
      expect(await changes.updateRule(id, { threshold: 180, severity: 'critical', site: null })).toEqual({
        ...busy,
        threshold: 180,
        clearAt: 180,
        forMs: 0,
        severity: 'critical',
        enabled: true,
      });
      expect(registry.rules()).toEqual([
        { ...busy, threshold: 180, clearAt: 180, forMs: 0, severity: 'critical', enabled: true },
      ]);
      expect((await another()).rules()).toEqual(registry.rules());
      const [line] = await registry.audit({ limit: 1, action: 'rule-changed' });
      expect(line).toMatchObject({
        actor: { name: 'Ada' },
        subject: { kind: 'rule', id },
        detail: { threshold: 180, thresholdWas: 200, siteWas: 'mersey-square', site: null, severityWas: 'warning' },
      });
      // Where it clears was set apart from the threshold, and stays.
      await changes.updateRule(id, { clearAt: 150 });
      expect(await changes.updateRule(id, { threshold: 170, enabled: false })).toMatchObject({
        threshold: 170,
        clearAt: 150,
        enabled: false,
      });
      expect(await refusal(changes.updateRule(id, { threshold: 140 }))).toBe('clear-at-invalid');
      expect(await refusal(changes.updateRule(id, { site: siteId('nowhere') }))).toBe('rule-site-unknown');
      expect(await refusal(changes.updateRule(ruleId('nobody'), { enabled: true }))).toBe('rule-unknown');
      await changes.updateRule(id, { enabled: false });
      expect(await registry.audit({ limit: 10, action: 'rule-changed' })).toHaveLength(3);
    },
  },
  {
    title: 'a rule is added once and removed once',
    run: async ({ registry }) => {
      const { id } = await registry.addRule(busy);
      expect(await refusal(registry.addRule(busy))).toBe('rule-exists');
      await registry.removeRule(id);
      expect(registry.rules()).toEqual([]);
      expect(await refusal(registry.removeRule(id))).toBe('rule-unknown');
      await registry.addRule(busy);
      expect(registry.rules()).toHaveLength(1);
    },
  },
  {
    title: 'a key opens with its own secret and with nothing else',
    run: async ({ registry, clock }) => {
      const { key, secret } = await registry.createKey({ name: 'Manchester', role: 'partner' });
      const { token } = await registry.addDevice({ id: 'aq-1', profile: 'known/air' });
      expect(secret).toMatch(/^kb_[A-Za-z0-9_-]{32}$/);
      expect(key).toEqual({ id: expect.any(String), name: 'Manchester', role: 'partner', createdAt: clock.now() });
      expect(registry.authenticateKey(secret)).toEqual(key);
      expect(registry.keys()).toEqual([key]);
      const wrong = [
        '',
        token,
        `kb_${token}`,
        secret.slice(3),
        `${secret}=`,
        key.id,
        '__proto__',
        'x'.repeat(1_000_000),
      ];
      expect(wrong.filter((text) => registry.authenticateKey(text) !== undefined)).toEqual([]);
    },
  },
  {
    title: 'two keys of the same name are two keys',
    run: async ({ registry }) => {
      const [one, two] = [
        await registry.createKey({ name: 'Bury', role: 'viewer' }),
        await registry.createKey({ name: 'Bury', role: 'administrator' }),
      ];
      expect(registry.authenticateKey(one.secret)?.role).toBe('viewer');
      expect(registry.authenticateKey(two.secret)?.role).toBe('administrator');
      expect(registry.keys()).toHaveLength(2);
    },
  },
];
