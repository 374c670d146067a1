import { X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import { deviceId, instant, siteId, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Actor, AuditEntry, Registry } from '../../../infra/registry/contract.ts';
import { certificate as selfSigned } from '../../gateway/certificate.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const site = siteId('mersey-square');
const day = (n: number): Instant => instant(Date.UTC(2026, 10, n));
const HOUR = 3_600_000;
const engineer: Actor = { kind: 'command-line', name: 'engineer' };

/** The actions of an audit trail, oldest first, with who did them. */
const told = async (registry: Registry, subject?: AuditEntry['subject']): Promise<readonly string[]> =>
  (await registry.audit({ limit: 100, ...(subject === undefined ? {} : { subject }) }))
    .map(({ action, actor }) => `${actor.kind} ${actor.name}: ${action}`)
    .reverse();

/** A self-signed certificate, in PEM, of a key that nobody needs here. */
export const certificate = (): string => selfSigned().cert;

const fingerprintOf = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

/** The life of a device: its status, where it stands, what it signs in with, and who did what. */
export const lifeCycleCases: readonly RegistryCase[] = [
  {
    title: 'a device goes from planned to retired, says since when, and skips no step that matters',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, status: 'planned' });
      for (const [n, status] of ['installed', 'commissioned', 'maintenance', 'commissioned', 'retired'].entries()) {
        clock.set(day(24 + n));
        expect(await registry.updateDevice(id, { status })).toMatchObject({ status, statusSince: day(24 + n) });
      }
      await expect(registry.updateDevice(id, { status: 'installed' })).rejects.toMatchObject({
        name: 'Conflict',
        code: 'status-refused',
        message: expect.stringContaining('becomes planned or commissioned'),
      });
      expect(registry.device({ by: 'id', value: id })?.status).toBe('retired');
      expect(await refusal(registry.updateDevice(id, { status: 'asleep' }))).toBe('status-invalid');
      expect(await refusal(registry.addDevice({ id: 'aq-2', profile: 'known/air', status: 'retired' }))).toBe(
        'status-invalid',
      );
    },
  },
  {
    title: 'a device keeps what is printed on it and what its codec must know, until it is taken away',
    run: async ({ registry, another }) => {
      const label = {
        devEui: '24e124136b502217',
        joinEui: '24E124C0002A0001',
        serial: '6136B50221700001',
        variables: { height_mm: '3500' },
        speaksFor: ['aq-*', 'counter-7'],
      };
      await registry.addDevice({ ...device, ...label });
      const kept = { ...label, joinEui: '24e124c0002a0001' };
      expect((await another()).device({ by: 'id', value: id })).toMatchObject(kept);
      const bare = await registry.updateDevice(id, {
        devEui: null,
        joinEui: null,
        serial: null,
        variables: null,
        speaksFor: null,
      });
      expect(Object.keys(bare).sort()).toEqual(['createdAt', 'id', 'name', 'profile', 'status', 'statusSince']);
      expect(registry.device({ by: 'id', value: id })).toEqual(bare);
    },
  },
  {
    title: 'a DevEUI that another device has is not taken over by a change either',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, devEui: '24e124136b502217', name: 'Column 14' });
      await registry.addDevice({ id: 'aq-2', profile: 'known/air' });
      await expect(registry.updateDevice(deviceId('aq-2'), { devEui: '24E124136B502217' })).rejects.toMatchObject({
        code: 'dev-eui-exists',
        message: expect.stringContaining('"Column 14"'),
      });
      await registry.updateDevice(id, { devEui: null });
      expect((await registry.updateDevice(deviceId('aq-2'), { devEui: '24E124136B502217' })).devEui).toBe(
        '24e124136b502217',
      );
    },
  },
  {
    title: 'a gateway speaks for ids and patterns, and never for everybody',
    run: async ({ registry }) => {
      for (const speaksFor of [
        ['*'],
        ['**'],
        [],
        ['a/b'],
        ['+'],
        ['#'],
        ['a*b*c*'],
        Array.from({ length: 1001 }, (_, n) => `d-${n}`),
      ])
        expect(await refusal(registry.addDevice({ ...device, speaksFor }))).toBe('speaks-for-invalid');
      for (const variables of [{ '': 'x' }, { 'a b': 'x' }, { a: 'x'.repeat(121) }, { a: '\n' }])
        expect(await refusal(registry.addDevice({ ...device, variables }))).toBe('variables-invalid');
      expect(registry.devices()).toEqual([]);
      expect((await registry.addDevice({ ...device, speaksFor: ['aq-*', 'aq-*', '*-pm'] })).device.speaksFor).toEqual([
        'aq-*',
        '*-pm',
      ]);
    },
  },
  {
    title: 'a deployment has a beginning and an end, and no two of one device overlap',
    run: async ({ registry }) => {
      await registry.addDevice(device);
      await registry.deploy(id, { site, from: day(1), to: day(10) });
      await registry.deploy(id, { site: 'bramhall-lane', from: day(10) });
      expect(registry.deployment(id, instant(day(10) - 1))?.site).toBe(site);
      expect(registry.deployment(id, day(10))?.site).toBe('bramhall-lane');
      for (const { from, to } of [
        { from: day(5), to: day(6) },
        { from: day(1), to: day(2) },
        { from: instant(0), to: instant(day(1) + 1) },
        { from: day(20), to: day(21) },
      ])
        await expect(registry.deploy(id, { site: 'heaton', from, to })).rejects.toMatchObject({
          code: 'deployment-overlaps',
          message: expect.stringMatching(/stood at (mersey-square|bramhall-lane)/),
        });
      await registry.deploy(id, { site: 'heaton', from: instant(0), to: day(1) });
      expect(registry.deployments()).toHaveLength(3);
      expect(await refusal(registry.deploy(id, { site, from: day(2), to: day(2) }))).toBe('span-invalid');
      expect(await refusal(registry.deploy(deviceId('nobody'), { site }))).toBe('device-unknown');
    },
  },
  {
    title: 'what happened in the street did not happen in the future, unless it is planned',
    run: async ({ registry }) => {
      expect(await refusal(registry.addDevice({ ...device, site, deployedFrom: day(24) }))).toBe('date-in-future');
      await registry.addDevice({ ...device, status: 'planned', site, deployedFrom: day(24) });
      expect(registry.deployments()).toEqual([{ device: id, site, from: day(24) }]);
      await registry.addDevice({ id: 'aq-2', profile: 'known/air', site });
      const two = deviceId('aq-2');
      await registry.addDevice({ id: 'aq-3', profile: 'known/air' });
      expect(await refusal(registry.deploy(deviceId('aq-3'), { site, from: day(24) }))).toBe('date-in-future');
      expect(await refusal(registry.withdraw(two, day(24)))).toBe('date-in-future');
      expect(await refusal(registry.replaceDevice(two, deviceId('aq-3'), day(24)))).toBe('date-in-future');
      expect(
        await refusal(
          registry.addDevice({
            id: 'aq-4',
            profile: 'known/air',
            status: 'planned',
            site,
            deployedFrom: instant(Date.UTC(2062, 0)),
          }),
        ),
      ).toBe('date-in-future');
    },
  },
  {
    title: 'a device that is taken down stands nowhere from then on; one that never stood cannot be',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, site });
      expect(await registry.withdraw(id, day(20))).toEqual({ device: id, site, from: 0, to: day(20) });
      expect(registry.deployment(id, instant(day(20) - 1))?.site).toBe(site);
      expect(registry.deployment(id, clock.now())).toBeUndefined();
      expect(await refusal(registry.withdraw(id))).toBe('deployment-unknown');
      await registry.updateDevice(id, { site: 'heaton' });
      await registry.updateDevice(id, { site: null });
      expect(registry.deployment(id, clock.now())).toBeUndefined();
    },
  },
  {
    title: 'a device that is retired stands nowhere any more',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, site, deployedFrom: day(1) });
      await registry.updateDevice(id, { status: 'retired' });
      expect(registry.deployments()).toEqual([{ device: id, site, from: day(1), to: clock.now() }]);
      expect(await refusal(registry.deploy(id, { site }))).toBe('device-retired');
    },
  },
  {
    title: 'a broken device is replaced at its site by a new one, without a gap and in one step',
    run: async ({ registry, clock }) => {
      const { token: oldToken } = await registry.addDevice({ ...device, site, deployedFrom: day(1) });
      const { token, ...replaced } = await registry.replaceDevice(id, { id: 'aq-2', profile: 'known/air' }, day(22));
      const two = deviceId('aq-2');
      expect(replaced).toMatchObject({ old: { id, status: 'retired' }, device: { id: two }, site, at: day(22) });
      expect(registry.deployments()).toEqual([
        { device: id, site, from: day(1), to: day(22) },
        { device: two, site, from: day(22) },
      ]);
      expect(registry.authenticateDevice(id, oldToken)).toBeUndefined();
      expect(registry.authenticateDevice(two, token ?? '')?.device.id).toBe(two);
      expect(registry.device({ by: 'id', value: id })).toMatchObject({ status: 'retired', statusSince: clock.now() });
    },
  },
  {
    title: 'a device from the store takes the place of another and is installed with that',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, site });
      await registry.addDevice({ id: 'spare', profile: 'known/air', status: 'planned' });
      const replaced = await registry.replaceDevice(id, deviceId('spare'));
      expect(replaced.token).toBeUndefined();
      expect(replaced.device).toMatchObject({ id: 'spare', status: 'installed' });
    },
  },
  {
    title: 'a replacement that cannot be changes nothing',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, site });
      await registry.addDevice({ id: 'busy', profile: 'known/air', site: 'heaton' });
      await registry.addDevice({ id: 'loose', profile: 'known/air' });
      const before = registry.deployments();
      for (const [attempt, code] of [
        [() => registry.replaceDevice(id, deviceId('busy')), 'deployment-overlaps'],
        [() => registry.replaceDevice(id, deviceId('nobody')), 'device-unknown'],
        [() => registry.replaceDevice(id, id), 'replacement-itself'],
        [() => registry.replaceDevice(id, { id: 'busy', profile: 'known/air' }), 'device-exists'],
        [() => registry.replaceDevice(id, { id: 'new', profile: 'un/known' }), 'profile-unknown'],
        [() => registry.replaceDevice(id, { id: 'new', profile: 'known/air', site: 'heaton' }), 'site-given'],
        [() => registry.replaceDevice(deviceId('loose'), { id: 'new', profile: 'known/air' }), 'device-nowhere'],
      ] as const)
        expect(await refusal(attempt())).toBe(code);
      expect(registry.deployments()).toEqual(before);
      expect(registry.devices().map((each) => `${each.id} ${each.status}`)).toEqual([
        'aq-1 commissioned',
        'busy commissioned',
        'loose commissioned',
      ]);
    },
  },
  {
    title: 'a token that is rotated leaves the old one valid for a while: two at once, never three',
    run: async ({ registry, clock }) => {
      const { token: first } = await registry.addDevice(device);
      const second = await registry.rotateToken(id, 2 * HOUR);
      const good = (...tokens: readonly string[]): readonly boolean[] =>
        tokens.map((token) => registry.authenticateDevice(id, token)?.device.id === id);
      expect(second.token).toMatch(/^[A-Za-z0-9_-]{32}$/);
      expect(good(first, second.token)).toEqual([true, true]);
      expect(registry.authenticateDevice(id, second.token)?.credential).toBe(second.credential.id);
      expect(registry.credentials(id)).toHaveLength(2);
      clock.set(instant(clock.now() + 2 * HOUR - 1));
      expect(good(first, second.token)).toEqual([true, true]);
      const third = await registry.rotateToken(id, 2 * HOUR);
      expect(good(first, second.token, third.token)).toEqual([false, true, true]);
      clock.set(instant(clock.now() + 2 * HOUR));
      expect(good(second.token, third.token)).toEqual([false, true]);
      expect(registry.credentials(id).map(({ id: each }) => each)).toEqual([third.credential.id]);
      const fourth = await registry.rotateToken(id, 0);
      expect(good(third.token, fourth.token)).toEqual([false, true]);
      expect(await refusal(registry.rotateToken(deviceId('nobody')))).toBe('device-unknown');
      for (const ms of [-1, 0.5, Number.NaN, Infinity])
        expect(await refusal(registry.rotateToken(id, ms))).toBe('duration-invalid');
    },
  },
  {
    title: 'a credential that is taken back is good for nothing, at once and for everybody',
    run: async ({ registry, another }) => {
      const { token } = await registry.addDevice(device);
      const signedIn = registry.authenticateDevice(id, token);
      const held = { device: id, credential: signedIn?.credential ?? (await registry.rotateToken(id)).credential.id };
      const other = await another();
      expect([registry.holds(held), other.holds(held)]).toEqual([true, true]);
      expect((await registry.revoke(id, held.credential)).map(({ id: each }) => each)).toEqual([held.credential]);
      await other.refresh();
      expect([registry.holds(held), other.holds(held)]).toEqual([false, false]);
      expect(registry.authenticateDevice(id, token)).toBeUndefined();
      expect(registry.credentials(id)).toEqual([]);
      expect(await refusal(registry.revoke(id, held.credential))).toBe('credential-unknown');
      const { token: fresh } = await registry.rotateToken(id);
      expect(registry.authenticateDevice(id, fresh)?.device.id).toBe(id);
      await registry.rotateToken(id);
      expect(await registry.revoke(id, 'all')).toHaveLength(2);
      expect(registry.authenticateDevice(id, fresh)).toBeUndefined();
    },
  },
  {
    title: 'a certificate belongs to one device, is found by its fingerprint, and goes when it is revoked',
    run: async ({ registry }) => {
      await registry.addDevice(device);
      await registry.addDevice({ id: 'aq-2', profile: 'known/air' });
      const pem = certificate();
      const added = await registry.addCertificate(id, pem);
      expect(added).toMatchObject({ device: id, kind: 'certificate', fingerprint: fingerprintOf(pem) });
      expect(registry.authenticateCertificate(fingerprintOf(pem))).toMatchObject({
        device: { id },
        credential: added.id,
      });
      expect(registry.authenticateCertificate(fingerprintOf(certificate()))).toBeUndefined();
      await expect(registry.addCertificate(deviceId('aq-2'), pem)).rejects.toMatchObject({
        code: 'certificate-exists',
        message: expect.stringContaining('aq-1'),
      });
      await registry.addCertificate(id, certificate());
      expect(await refusal(registry.addCertificate(id, certificate()))).toBe('certificates-full');
      await registry.updateDevice(id, { status: 'retired' });
      expect(registry.authenticateCertificate(fingerprintOf(pem))).toBeUndefined();
      await registry.updateDevice(id, { status: 'commissioned' });
      await registry.revoke(id, added.id);
      expect(registry.authenticateCertificate(fingerprintOf(pem))).toBeUndefined();
      await registry.addCertificate(deviceId('aq-2'), pem);
      expect(registry.authenticateCertificate(fingerprintOf(pem))?.device.id).toBe('aq-2');
    },
  },
  {
    title: 'what is no certificate is refused, a private key above all',
    run: async ({ registry, clock }) => {
      await registry.addDevice(device);
      const pem = certificate();
      const bad = [
        '',
        'hello',
        pem + pem,
        `${pem}-----BEGIN PRIVATE KEY-----\n`,
        pem.replace(/[A-Za-z]{8}/, 'AAAAAAAA'),
        'x'.repeat(20_000),
      ];
      for (const text of bad) expect(await refusal(registry.addCertificate(id, text))).toBe('certificate-invalid');
      clock.set(instant(Date.UTC(2100, 0)));
      await expect(registry.addCertificate(id, pem)).rejects.toMatchObject({
        message: expect.stringContaining('it ended on'),
      });
      expect(registry.credentials(id).map(({ kind }) => kind)).toEqual(['token']);
    },
  },
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
