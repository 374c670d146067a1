import { profileId } from '../../device-profiles/vocabulary/index.ts';
import type { House } from './house.ts';
import type { Fault, Row } from './route-row.ts';

/** What the rows below stand on: a device that has said something that is understood, and something that is not. */
export const preparePreviews = async (house: House): Promise<void> => {
  await house.registry.addDevice({ id: 'pre-1', profile: 'kerbside/canonical', site: 'wrs-14' });
  await house.say('pre-1', { pm2_5: 12, colour: 'red' });
  await house.say('pre-1', Buffer.from('not json'));
  await house.registry.addCodecCase(profileId('kerbside/canonical'), {
    name: 'a fine morning',
    from: 'constructed',
    uplink: { text: '{"pm2_5":4}' },
    readings: [{ decoded: { pm2_5: 4 }, observed: { pm2_5: 4 } }],
  });
};

const nobody = (path: string): Fault => ({
  when: 'there is no such device',
  path,
  status: 404,
  code: 'device-unknown',
});
const badDevice = (path: string): readonly Fault[] => [
  nobody(path),
  { when: 'the id can be none', path: path.replace('nobody', '..%2Fetc'), status: 400, code: 'invalid-id' },
];
const compare = { a: { profile: 'kerbside/canonical' }, b: { profile: 'kerbside/canonical' }, device: 'pre-1' };
const decode = '/api/v1/profiles/kerbside/canonical/decode';
const cases = '/api/v1/profiles/kerbside/canonical/cases';

export const previewRows: readonly Row[] = [
  {
    route: 'GET /api/v1/devices/:id/preview',
    scope: 'read',
    path: '/api/v1/devices/pre-1/preview?limit=2',
    status: 200,
    has: ['previews', 'next'],
    faults: [
      ...badDevice('/api/v1/devices/nobody/preview'),
      { when: 'the limit is too high', path: '?limit=51', status: 400, code: 'request-invalid', names: 'limit' },
      { when: 'the cursor was never given', path: '?cursor=nonsense', status: 400, code: 'cursor-invalid' },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/watch',
    scope: 'read',
    path: '/api/v1/devices/pre-1/watch?last=2&events=2',
    status: 200,
    faults: [
      ...badDevice('/api/v1/devices/nobody/watch'),
      { when: 'it is to begin too far back', path: '?last=51', status: 400, code: 'request-invalid', names: 'last' },
      {
        when: 'it is to end before it begins',
        path: '?events=0',
        status: 400,
        code: 'request-invalid',
        names: 'events',
      },
    ],
  },
  {
    route: 'POST /api/v1/profiles/:maker/:model/decode',
    scope: 'read',
    path: decode,
    body: { json: { pm2_5: 7 }, device: 'pre-1' },
    status: 200,
    has: ['hex', 'text', 'said', 'unmapped', 'readings', 'refused', 'profile', 'device'],
    faults: [
      {
        when: 'nobody knows the profile',
        path: '/api/v1/profiles/acme/none/decode',
        status: 404,
        code: 'profile-unknown',
        names: 'acme/none',
      },
      { when: 'the profile can be none', path: '/api/v1/profiles/ACME/none/decode', status: 400, code: 'invalid-id' },
      { when: 'nobody knows the device', body: { hex: '00', device: 'nobody' }, status: 404, code: 'device-unknown' },
      { when: 'nothing is given', body: {}, status: 400, code: 'payload-invalid', names: 'hex, text and json' },
      {
        when: 'two forms are given',
        body: { hex: '00', text: 'x' },
        status: 400,
        code: 'payload-invalid',
        names: 'not several',
      },
      { when: 'the hex is none', body: { hex: '0g' }, status: 400, code: 'payload-invalid', names: 'g' },
      {
        when: 'half a byte is left over',
        body: { hex: '001' },
        status: 400,
        code: 'payload-invalid',
        names: '3 digits',
      },
      {
        when: 'the time is none',
        body: { hex: '00', recvTime: 'noon' },
        status: 400,
        code: 'time-invalid',
        names: 'recvTime',
      },
      {
        when: 'the port is none',
        body: { hex: '00', fPort: 256 },
        status: 400,
        code: 'request-invalid',
        names: 'fPort',
      },
      { when: 'a key is not known', body: { hex: '00', port: 1 }, status: 400, code: 'request-invalid', names: 'port' },
    ],
  },
  {
    route: 'GET /api/v1/profiles/:maker/:model/cases',
    scope: 'read',
    path: cases,
    status: 200,
    has: ['cases'],
    faults: [
      {
        when: 'nobody knows the profile',
        path: '/api/v1/profiles/acme/none/cases',
        status: 404,
        code: 'profile-unknown',
      },
    ],
  },
  {
    route: 'POST /api/v1/profiles/:maker/:model/cases',
    scope: 'manage',
    path: cases,
    body: { name: 'a foul evening', json: { pm2_5: 70 } },
    status: 201,
    has: ['id', 'vector', 'at', 'by', 'faults'],
    faults: [
      {
        when: 'the name is taken',
        body: { name: 'a fine morning', json: { pm2_5: 7 } },
        status: 409,
        code: 'codec-case-exists',
      },
      { when: 'the name is empty', body: { name: ' ', json: {} }, status: 400, code: 'name-invalid' },
      { when: 'nothing is given', body: { name: 'x' }, status: 400, code: 'payload-invalid' },
      {
        when: 'the message is too long',
        body: { name: 'x', text: 'x'.repeat(70_000) },
        status: 400,
        code: 'codec-case-too-large',
      },
    ],
  },
  {
    route: 'DELETE /api/v1/profiles/:maker/:model/cases/:name',
    scope: 'manage',
    path: `${cases}/a%20fine%20morning`,
    status: 204,
    faults: [{ when: 'there is no such case', path: `${cases}/none`, status: 404, code: 'codec-case-unknown' }],
  },
  {
    route: 'POST /api/v1/codecs/compare',
    scope: 'read',
    path: '/api/v1/codecs/compare',
    body: compare,
    status: 200,
    has: ['a', 'b', 'compared', 'same', 'different', 'onlyARefused', 'onlyBRefused', 'differences', 'found', 'more'],
    faults: [
      { when: 'nobody knows the device', body: { ...compare, device: 'nobody' }, status: 404, code: 'device-unknown' },
      {
        when: 'nobody knows a profile',
        body: { ...compare, b: { profile: 'acme/none' } },
        status: 404,
        code: 'profile-unknown',
      },
      { when: 'a side is empty', body: { ...compare, a: {} }, status: 400, code: 'side-invalid', names: 'a: give one' },
      {
        when: 'a side is both',
        body: { ...compare, b: { profile: 'kerbside/canonical', codec: 'x' } },
        status: 400,
        code: 'side-invalid',
        names: 'b: give one',
      },
      {
        when: 'a profile is given other fields',
        body: { ...compare, b: { profile: 'kerbside/canonical', fields: {} } },
        status: 400,
        code: 'side-invalid',
        names: 'b.fields',
      },
      {
        when: 'a field measures nothing',
        body: { ...compare, b: { codec: 'x', fields: { t: { quantity: 'happiness' } } } },
        status: 400,
        code: 'side-invalid',
        names: 'happiness',
      },
      {
        when: 'a payload is none',
        body: { ...compare, payloads: [{ hex: '00' }, { hex: 'x' }] },
        status: 400,
        code: 'payload-invalid',
        names: 'payloads[1]',
      },
      {
        when: 'from lies after to',
        body: { ...compare, from: '2026-02-01', to: '2026-01-01' },
        status: 400,
        code: 'span-invalid',
      },
      {
        when: 'the limit is too high',
        body: { ...compare, limit: 1001 },
        status: 400,
        code: 'request-invalid',
        names: 'limit',
      },
      {
        when: 'no device has the profile',
        body: { a: { profile: 'decentlab/dl-pm' }, b: { profile: 'decentlab/dl-pm' } },
        status: 400,
        code: 'devices-missing',
      },
    ],
  },
];
