import { X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import { deviceId, instant } from '../../../device-profiles/vocabulary/index.ts';
import { certificate as selfSigned } from '../../gateway/certificate.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const HOUR = 3_600_000;

/** A self-signed certificate, in PEM, of a key that nobody needs here. */
export const certificate = (): string => selfSigned().cert;

const fingerprintOf = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

/** What a device signs in with: tokens and certificates, how they are rotated and taken back. */
export const credentialCases: readonly RegistryCase[] = [
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
];
