import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enrol, type Enrolment } from '../../commands/senders/enrol.ts';
import { privateFile } from '../../commands/senders/private-file.ts';
import { Conflict, deviceId, Invalid, siteId, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import { openRegistry } from '../../infra/registry/registry.ts';

const wanted: readonly Enrolment[] = ['one', 'two'].map((id) => ({
  device: { id, profile: 'kerbside/canonical', name: `Sensor ${id}` },
  site: { id: 'high-street', name: 'High Street', latitude: 53.4, longitude: -2.1 },
}));
const known = (tokens: ReadonlyMap<string, string>) => ({ known: tokens, renew: false });
const one = deviceId('one');

let folder: string;
let registry: Registry;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-enrol-'));
  registry = await openRegistry({
    ...registryFiles(folder),
    clock: systemClock,
    log: openLog('silent'),
    knownProfile: () => true,
    profileIds: () => [],
  });
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('enrolling the devices that are to speak', () => {
  it('registers what is missing, at its site, and knows each token', async () => {
    const { tokens, added } = await enrol(registry, wanted, known(new Map()));
    expect(added).toBe(2);
    for (const [id, token] of tokens) expect(registry.authenticateDevice(id, token)?.device.id).toBe(id);
    expect(tokens.size).toBe(2);
    expect(registry.site(siteId('high-street'))).toMatchObject({ name: 'High Street', latitude: 53.4 });
    expect(registry.deployment(one, systemClock.now())?.site).toBe('high-street');
  });

  it('changes nothing the second time', async () => {
    const first = await enrol(registry, wanted, known(new Map()));
    const second = await enrol(registry, wanted, known(first.tokens));
    expect(second).toEqual({ tokens: first.tokens, added: 0 });
    expect(registry.devices()).toHaveLength(2);
  });

  it('takes nobody’s place: a device whose token it does not know is refused', async () => {
    await registry.addDevice({ id: 'one', profile: 'kerbside/canonical' });
    await expect(enrol(registry, wanted, known(new Map([['one', 'guessed']])))).rejects.toThrow(Conflict);
    expect(registry.devices()).toHaveLength(1);
  });

  it('registers it anew where that is allowed: the earlier token is worth nothing then', async () => {
    const { token: earlier } = await registry.addDevice({ id: 'one', profile: 'kerbside/canonical' });
    const { tokens } = await enrol(registry, wanted, { known: new Map(), renew: true });
    expect(registry.authenticateDevice('one', earlier)).toBeUndefined();
    expect(registry.authenticateDevice('one', tokens.get(one) ?? '')?.device.id).toBe('one');
  });
});

describe('the file with the tokens', () => {
  const schema = Type.Object({ token: Type.String() }, { additionalProperties: false });

  it('can be read by its owner only, whatever it was before', () => {
    const path = join(folder, 'tokens.json');
    writeFileSync(path, '{"token":"old"}', { mode: 0o644 });
    const file = privateFile(path, schema);
    file.write({ token: 'new' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(file.read()).toEqual({ token: 'new' });
  });

  it('is nothing when there is none, and is not guessed at when it is broken', () => {
    const path = join(folder, 'tokens.json');
    expect(privateFile(path, schema).read()).toBeUndefined();
    for (const broken of ['', '{', '{"token":1}', '{"token":"a","more":1}', '[]']) {
      writeFileSync(path, broken);
      expect(() => privateFile(path, schema).read()).toThrow(Invalid);
    }
  });
});
