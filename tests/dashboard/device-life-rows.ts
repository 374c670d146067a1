import { certificate } from '../contracts/registry/credentials.ts';
import type { House } from './house.ts';
import type { Fault, Row } from './route-row.ts';

/** What the rows below stand on: devices to deploy, to replace and to sign in, and one that waits behind a gateway. */
export const prepareDeviceLife = async (house: House): Promise<void> => {
  const profile = 'kerbside/canonical';
  await house.registry.addDevices([
    { id: 'dep-1', profile },
    { id: 'dep-2', profile, site: 'wrs-14' },
    { id: 'rep-1', profile, site: 'wrs-14' },
    { id: 'cred-1', profile },
    { id: 'box-1', profile, speaksFor: ['kerb-*'] },
    { id: 'lora-1', profile, devEui: '24e124136b502217', joinEui: '24e124c0002a0001' },
  ]);
  await house.say('kerb-1', { no2: 1 }, undefined, 'box-1');
};

const nobody = (path: string): Fault => ({
  when: 'there is no such device',
  path,
  status: 404,
  code: 'device-unknown',
});
const noTime = (field: string, body: object): Fault => ({
  when: 'the time is none',
  body: { ...body, [field]: 'yesterday' },
  status: 400,
  code: 'time-invalid',
  names: field,
});
const future = '2099-01-01T00:00:00Z';

export const deviceLifeRows: readonly Row[] = [
  {
    route: 'POST /api/v1/devices/:id/deployments',
    scope: 'manage',
    path: '/api/v1/devices/dep-1/deployments',
    body: { site: 'wrs-14', from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' },
    status: 201,
    has: ['device', 'site', 'from', 'to'],
    faults: [
      nobody('/api/v1/devices/nobody/deployments'),
      noTime('from', { site: 'wrs-14' }),
      noTime('to', { site: 'wrs-14' }),
      { when: 'the site is a path', body: { site: '../x' }, status: 400, code: 'invalid-id' },
      { when: 'there is no site', body: {}, status: 400, code: 'request-invalid', names: 'site' },
      {
        when: 'it ends before it begins',
        body: { site: 'wrs-14', from: '2026-02-01', to: '2026-01-01' },
        status: 400,
        code: 'span-invalid',
      },
      { when: 'it begins in the future', body: { site: 'wrs-14', from: future }, status: 400, code: 'date-in-future' },
      {
        when: 'the device stands elsewhere then',
        path: '/api/v1/devices/dep-2/deployments',
        status: 409,
        code: 'deployment-overlaps',
        names: 'wrs-14',
      },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/deployments',
    scope: 'read',
    path: '/api/v1/devices/dep-1/deployments',
    status: 200,
    has: ['deployments'],
    faults: [nobody('/api/v1/devices/nobody/deployments')],
  },
  {
    route: 'GET /api/v1/sites/:id/deployments',
    scope: 'read',
    path: '/api/v1/sites/wrs-14/deployments',
    status: 200,
    has: ['deployments'],
    faults: [
      { when: 'there is no such site', path: '/api/v1/sites/nowhere/deployments', status: 404, code: 'site-unknown' },
      { when: 'the site can be none', path: '/api/v1/sites/a%2Fb/deployments', status: 400, code: 'invalid-id' },
    ],
  },
  {
    route: 'POST /api/v1/devices/:id/withdraw',
    scope: 'manage',
    path: '/api/v1/devices/dep-2/withdraw',
    body: { at: '2026-03-01T00:00:00Z' },
    status: 200,
    has: ['device', 'site', 'from', 'to'],
    faults: [
      nobody('/api/v1/devices/nobody/withdraw'),
      noTime('at', {}),
      { when: 'it is yet to come', body: { at: future }, status: 400, code: 'date-in-future' },
      {
        when: 'it stands nowhere',
        path: '/api/v1/devices/cred-1/withdraw',
        body: {},
        status: 404,
        code: 'deployment-unknown',
      },
    ],
  },
  {
    route: 'POST /api/v1/devices/:id/replace',
    scope: 'manage',
    path: '/api/v1/devices/rep-1/replace',
    body: { by: { id: 'rep-2', profile: 'kerbside/canonical' } },
    status: 200,
    has: ['old', 'device', 'site', 'at', 'token'],
    faults: [
      nobody('/api/v1/devices/nobody/replace'),
      noTime('at', { by: 'cred-1' }),
      { when: 'there is no such successor', body: { by: 'nobody' }, status: 404, code: 'device-unknown' },
      { when: 'the successor stands elsewhere', body: { by: 'aq-1' }, status: 409, code: 'deployment-overlaps' },
      { when: 'it is to follow itself', body: { by: 'rep-1' }, status: 400, code: 'replacement-itself' },
      {
        when: 'the successor is there already',
        body: { by: { id: 'aq-1', profile: 'kerbside/canonical' } },
        status: 409,
        code: 'device-exists',
      },
      {
        when: 'the successor has a site',
        body: { by: { id: 'rep-2', profile: 'kerbside/canonical', site: 'x' } },
        status: 400,
        code: 'request-invalid',
      },
      { when: 'it stands nowhere', path: '/api/v1/devices/cred-1/replace', status: 409, code: 'device-nowhere' },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/credentials',
    scope: 'manage',
    path: '/api/v1/devices/cred-1/credentials',
    status: 200,
    has: ['credentials'],
    faults: [nobody('/api/v1/devices/nobody/credentials')],
  },
  {
    route: 'POST /api/v1/devices/:id/token',
    scope: 'manage',
    path: '/api/v1/devices/cred-1/token',
    body: { keepOld: '12h' },
    status: 201,
    has: ['token', 'credential'],
    faults: [
      nobody('/api/v1/devices/nobody/token'),
      { when: 'the time is none', body: { keepOld: 'soon' }, status: 400, code: 'duration-invalid', names: 'keepOld' },
    ],
  },
  {
    route: 'POST /api/v1/devices/:id/certificates',
    scope: 'manage',
    path: '/api/v1/devices/cred-1/certificates',
    body: { pem: certificate() },
    status: 201,
    has: ['id', 'kind', 'fingerprint'],
    faults: [
      nobody('/api/v1/devices/nobody/certificates'),
      { when: 'it is none', body: { pem: 'hello' }, status: 400, code: 'certificate-invalid' },
      { when: 'it is missing', body: {}, status: 400, code: 'request-invalid', names: 'pem' },
    ],
  },
  {
    route: 'DELETE /api/v1/devices/:id/credentials/:credential',
    scope: 'manage',
    path: '/api/v1/devices/cred-1/credentials/all',
    status: 204,
    faults: [
      nobody('/api/v1/devices/nobody/credentials/all'),
      { when: 'the id can be none', path: '/api/v1/devices/cred-1/credentials/first', status: 400, code: 'invalid-id' },
      {
        when: 'there is no such credential',
        path: '/api/v1/devices/cred-1/credentials/00000000-0000-4000-8000-000000000000',
        status: 404,
        code: 'credential-unknown',
      },
    ],
  },
  {
    route: 'PUT /api/v1/devices/:id/lorawan-keys',
    scope: 'manage',
    path: '/api/v1/devices/cred-1/lorawan-keys',
    body: { appKey: '000102030405060708090a0b0c0d0e0f', devAddr: '26011BDA' },
    status: 200,
    has: ['device', 'held', 'devAddr', 'changedAt'],
    faults: [
      nobody('/api/v1/devices/nobody/lorawan-keys'),
      { when: 'the key is too short', body: { appKey: '0001' }, status: 400, code: 'lorawan-key-invalid' },
      { when: 'everybody knows the key', body: { appKey: '0'.repeat(32) }, status: 400, code: 'lorawan-key-known' },
      { when: 'the DevAddr is none', body: { devAddr: 'here' }, status: 400, code: 'dev-addr-invalid' },
      {
        when: 'the key has a name of its own',
        body: { key: '00' },
        status: 400,
        code: 'request-invalid',
        names: 'key',
      },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/lorawan-keys',
    scope: 'manage',
    path: '/api/v1/devices/cred-1/lorawan-keys',
    status: 200,
    has: ['device', 'held', 'devAddr', 'changedAt'],
    faults: [nobody('/api/v1/devices/nobody/lorawan-keys')],
  },
  {
    route: 'DELETE /api/v1/devices/:id/lorawan-keys',
    scope: 'manage',
    path: '/api/v1/devices/cred-1/lorawan-keys',
    status: 204,
    faults: [
      nobody('/api/v1/devices/nobody/lorawan-keys'),
      { when: 'there are none', path: '/api/v1/devices/aq-1/lorawan-keys', status: 404, code: 'lorawan-keys-unknown' },
    ],
  },
  {
    route: 'GET /api/v1/unregistered',
    scope: 'read',
    path: '/api/v1/unregistered',
    status: 200,
    has: ['unregistered'],
  },
  { route: 'GET /api/v1/claims', scope: 'read', path: '/api/v1/claims', status: 200, has: ['claims'] },
  {
    route: 'POST /api/v1/claims/:device',
    scope: 'manage',
    path: '/api/v1/claims/kerb-1',
    body: { profile: 'kerbside/canonical', site: 'wrs-14' },
    status: 201,
    has: ['id', 'token', 'site'],
    faults: [
      { when: 'nobody brought it', path: '/api/v1/claims/kerb-2', status: 404, code: 'claim-unknown', names: 'kerb-2' },
      { when: 'nobody knows the profile', body: { profile: 'acme/none' }, status: 400, code: 'profile-unknown' },
      {
        when: 'it is given another id',
        body: { id: 'x', profile: 'kerbside/canonical' },
        status: 400,
        code: 'request-invalid',
        names: 'id',
      },
    ],
  },
  {
    route: 'GET /api/v1/audit',
    scope: 'manage',
    path: '/api/v1/audit?subject=device:aq-1',
    status: 200,
    has: ['entries', 'next'],
    faults: [
      {
        when: 'the subject is none',
        path: '/api/v1/audit?subject=aq-1',
        status: 400,
        code: 'subject-invalid',
        names: 'subject',
      },
      {
        when: 'the cursor was never given',
        path: '/api/v1/audit?cursor=nonsense',
        status: 400,
        code: 'cursor-invalid',
      },
    ],
  },
  {
    route: 'POST /api/v1/scans',
    scope: 'read',
    path: '/api/v1/scans',
    body: { text: 'LW:D0:42FFFFFFFFFFFFFF:4242FFFFFFFFFFFF:42FFFF42:S123' },
    status: 200,
    has: ['kind', 'devEui', 'joinEui', 'serial', 'profileId', 'match', 'profiles', 'devices'],
    faults: [
      { when: 'there is no text', body: {}, status: 400, code: 'request-invalid', names: 'text' },
      {
        when: 'the text is a book',
        body: { text: 'x'.repeat(5_000) },
        status: 400,
        code: 'request-invalid',
        names: 'text',
      },
    ],
  },
  {
    route: 'GET /api/v1/labels',
    scope: 'read',
    path: '/api/v1/labels?ids=lora-1',
    status: 200,
    faults: [
      {
        when: 'nobody knows the device',
        path: '/api/v1/labels?ids=nobody',
        status: 404,
        code: 'device-unknown',
        names: 'nobody',
      },
      {
        when: 'nobody knows the site',
        path: '/api/v1/labels?site=nowhere',
        status: 404,
        code: 'site-unknown',
        names: 'nowhere',
      },
      {
        when: 'there is no such sheet',
        path: '/api/v1/labels?sheet=7',
        status: 400,
        code: 'sheet-unknown',
        names: '21',
      },
      { when: 'nobody has said where we are', path: '/api/v1/labels?ids=aq-1', status: 400, code: 'base-missing' },
    ],
  },
];
