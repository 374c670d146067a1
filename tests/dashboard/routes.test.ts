import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ruleId } from '../../device-profiles/vocabulary/index.ts';
import { calibrationRows, prepareCalibrations } from './calibration-rows.ts';
import { alertRows, prepareAlerts } from './alert-rows.ts';
import { accountRows, prepareAccounts } from './account-rows.ts';
import { prepareRuns, reprocessRows } from './reprocess-rows.ts';
import { averagesRows } from './averages-rows.ts';
import { deviceLifeRows, prepareDeviceLife } from './device-life-rows.ts';
import { explainRows, prepareExplain } from './explain-rows.ts';
import { footfallRows, prepareFootfall } from './footfall-rows.ts';
import { openHouse, type House } from './house.ts';
import { networkRows, openNetworkForRows, prepareNetworks } from './network-rows.ts';
import { preparePreviews, previewRows } from './preview-rows.ts';
import { prepareQuality, qualityRows } from './quality-rows.ts';
import type { Fault, Row } from './route-row.ts';

let house: House;
let stopNetwork: () => Promise<void>;
beforeAll(async () => {
  const network = await openNetworkForRows();
  stopNetwork = network.server.stop;
  house = await openHouse({ env: network.env });
  const { registry } = house;
  await registry.addSite({ id: 'wrs-14', name: 'Wellington Road South', borough: 'stockport' });
  await registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'wrs-14' });
  await registry.addRule({
    id: ruleId('there'),
    name: 'there already',
    quantity: 'pm2_5',
    when: 'above',
    threshold: 50,
  });
  await house.say('aq-1', { pm2_5: 12, no2: 41 });
  await house.say('aq-1', Buffer.from('not json'));
  const gateway = '00800000a00016b6';
  house.radio.tell({ kind: 'gateway', gateway, connector: 'chirpstack-mqtt', at: house.now(), name: 'On the roof' });
  await prepareDeviceLife(house);
  await preparePreviews(house);
  await prepareFootfall(house);
  await prepareExplain(house);
  await prepareQuality(house);
  await prepareNetworks(house);
  await prepareCalibrations(house);
  await prepareAccounts(house);
  await prepareAlerts(house);
  await prepareRuns(house);
});
afterAll(async () => {
  await house.close();
  await stopNetwork();
});

const device = { id: 'aq-2', profile: 'kerbside/canonical' };
const rule = { quantity: 'no2', when: 'above', threshold: 200 };
const badPage: readonly Fault[] = [
  { when: 'the limit is no number', path: '?limit=many', status: 400, code: 'request-invalid', names: 'limit' },
  { when: 'the limit is too high', path: '?limit=100000', status: 400, code: 'request-invalid', names: 'limit' },
  { when: 'a parameter is not known', path: '?colour=red', status: 400, code: 'request-invalid', names: 'colour' },
];
const badCursor: Fault = {
  when: 'the cursor was never given',
  path: '?cursor=nonsense',
  status: 400,
  code: 'cursor-invalid',
};
const noDevice = (path: string): readonly Fault[] => [
  { when: 'there is no such device', path, status: 404, code: 'device-unknown' },
  {
    when: 'the id can be none',
    path: path.replace('nobody', encodeURIComponent('../etc')),
    status: 400,
    code: 'invalid-id',
  },
];
const noGateway = (path: string): Fault => ({
  when: 'nobody ever heard of the gateway',
  path,
  status: 404,
  code: 'gateway-unknown',
});
const badSelection: readonly Fault[] = [
  {
    when: 'nobody knows the device',
    path: '?device=aq-1,nobody',
    status: 404,
    code: 'device-unknown',
    names: 'nobody',
  },
  { when: 'nobody knows the site', path: '?site=nowhere', status: 404, code: 'site-unknown', names: 'nowhere' },
  {
    when: 'no site lies in the borough',
    path: '?borough=salford',
    status: 404,
    code: 'borough-unknown',
    names: 'salford',
  },
  {
    when: 'the quantity does not exist',
    path: '?quantity=happiness',
    status: 400,
    code: 'quantity-unknown',
    names: 'happiness',
  },
  { when: 'the site is empty', path: '?site=', status: 400, code: 'invalid-id' },
  { when: 'the flag is none', path: '?maxFlag=5', status: 400, code: 'request-invalid', names: 'maxFlag' },
  { when: 'somebody tries a prototype', path: '?__proto__=x', status: 400, code: 'request-invalid' },
];

const rows: readonly Row[] = [
  ...deviceLifeRows,
  ...previewRows,
  ...footfallRows,
  ...explainRows,
  ...networkRows,
  ...calibrationRows,
  ...reprocessRows,
  ...averagesRows,
  ...accountRows,
  ...alertRows,
  ...qualityRows,
  {
    route: 'POST /api/v1/devices',
    scope: 'manage',
    path: '/api/v1/devices',
    body: { ...device, site: 'wrs-14', name: 'Column 14', deployedFrom: '2026-01-01T00:00:00Z' },
    status: 201,
    has: ['id', 'token', 'site', 'createdAt'],
    faults: [
      { when: 'the device is there already', body: { ...device, id: 'aq-1' }, status: 409, code: 'device-exists' },
      { when: 'the profile is missing', body: { id: 'x' }, status: 400, code: 'request-invalid', names: 'profile' },
      {
        when: 'nobody knows the profile',
        body: { ...device, id: 'x', profile: 'acme/none' },
        status: 400,
        code: 'profile-unknown',
      },
      { when: 'the id is a path', body: { ...device, id: '../../etc' }, status: 400, code: 'invalid-id' },
      {
        when: 'a key is not known',
        body: { ...device, id: 'x', role: 'administrator' },
        status: 400,
        code: 'request-invalid',
        names: 'role',
      },
      { when: 'the id is a number', body: { ...device, id: 7 }, status: 400, code: 'request-invalid', names: 'id' },
      {
        when: 'the time is none',
        body: { ...device, id: 'x', deployedFrom: 'yesterday' },
        status: 400,
        code: 'time-invalid',
        names: 'deployedFrom',
      },
      {
        when: 'the DevEUI is too short',
        body: { ...device, id: 'x', devEui: '24e124' },
        status: 400,
        code: 'invalid-id',
      },
      { when: 'the body is no JSON', body: '{"id":', status: 400, code: 'json-invalid' },
      { when: 'the body is empty', body: '', status: 400, code: 'body-empty' },
      { when: 'the body is a list', body: [], status: 400, code: 'request-invalid' },
      {
        when: 'somebody tries a prototype',
        body: '{"__proto__":{"role":"administrator"},"id":"x","profile":"kerbside/canonical"}',
        status: 400,
        code: 'json-invalid',
      },
      {
        when: 'the body is too large',
        body: { ...device, name: 'x'.repeat(300_000) },
        status: 413,
        code: 'body-too-large',
      },
    ],
  },
  {
    route: 'GET /api/v1/devices',
    scope: 'read',
    path: '/api/v1/devices',
    status: 200,
    has: ['devices', 'next'],
    faults: [...badPage, badCursor],
  },
  {
    route: 'GET /api/v1/devices/:id',
    scope: 'read',
    path: '/api/v1/devices/aq-1',
    status: 200,
    has: ['id', 'heardAt', 'condition'],
    faults: noDevice('/api/v1/devices/nobody'),
  },
  {
    route: 'GET /api/v1/devices/health',
    scope: 'read',
    path: '/api/v1/devices/health?state=never-heard&cause=sensor&battery=30&limit=10',
    status: 200,
    has: ['devices', 'next'],
    faults: [
      ...badPage,
      badCursor,
      { when: 'the state is none', path: '/api/v1/devices/health?state=dead', status: 400, code: 'request-invalid', names: 'state' },
      { when: 'the cause is none', path: '/api/v1/devices/health?cause=rain', status: 400, code: 'request-invalid', names: 'cause' },
      { when: 'the days are none', path: '/api/v1/devices/health?battery=low', status: 400, code: 'request-invalid', names: 'battery' },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/health',
    scope: 'read',
    path: '/api/v1/devices/aq-1/health',
    status: 200,
    has: ['state', 'missed', 'battery', 'signal', 'datastreams'],
    faults: noDevice('/api/v1/devices/nobody/health'),
  },
  {
    route: 'GET /api/v1/gateways',
    scope: 'read',
    path: '/api/v1/gateways',
    status: 200,
    has: ['gateways', 'next'],
    faults: [...badPage, badCursor],
  },
  {
    route: 'GET /api/v1/gateways/:id',
    scope: 'read',
    path: '/api/v1/gateways/00800000a00016b6',
    status: 200,
    has: ['id', 'state', 'today', 'days', 'channels', 'subBands', 'onlyHere'],
    faults: [noGateway('/api/v1/gateways/nobody')],
  },
  {
    route: 'PATCH /api/v1/gateways/:id',
    scope: 'manage',
    path: '/api/v1/gateways/00800000a00016b6',
    body: { name: 'Town hall', latitude: 53.4, longitude: -2.15 },
    status: 200,
    has: ['id', 'name', 'latitude', 'longitude'],
    faults: [
      { ...noGateway('/api/v1/gateways/nobody'), body: { name: 'x' } },
      { when: 'nothing is to change', body: {}, status: 400, code: 'request-invalid' },
      { when: 'a key is not known', body: { altitude: 3 }, status: 400, code: 'request-invalid', names: 'altitude' },
      { when: 'the name is none', body: { name: ' ' }, status: 400, code: 'name-invalid' },
      { when: 'half of the position is missing', body: { latitude: 53 }, status: 400, code: 'position-invalid' },
      { when: 'the latitude is a text', body: { latitude: '53' }, status: 400, code: 'request-invalid', names: 'the field latitude of the body must be' },
    ],
  },
  {
    route: 'GET /api/v1/gateways/:id/devices',
    scope: 'read',
    path: '/api/v1/gateways/00800000a00016b6/devices',
    status: 200,
    has: ['devices', 'next'],
    faults: [
      noGateway('/api/v1/gateways/nobody/devices'),
      ...badPage,
      badCursor,
      { when: 'alone is no yes or no', path: '?alone=perhaps', status: 400, code: 'request-invalid', names: 'alone' },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/radio',
    scope: 'read',
    path: '/api/v1/devices/aq-1/radio',
    status: 200,
    has: ['gateways', 'alone', 'events'],
    faults: noDevice('/api/v1/devices/nobody/radio'),
  },
  {
    route: 'PATCH /api/v1/devices/:id',
    scope: 'manage',
    path: '/api/v1/devices/aq-1',
    body: { name: 'renamed' },
    status: 200,
    has: ['id', 'name'],
    faults: [
      ...noDevice('/api/v1/devices/nobody').map((fault) => ({ ...fault, body: { name: 'x' } })),
      { when: 'the status is none', body: { status: 'broken' }, status: 400, code: 'request-invalid', names: 'status' },
      { when: 'the id would change', body: { id: 'other' }, status: 400, code: 'request-invalid', names: 'id' },
      { when: 'nobody knows the profile', body: { profile: 'acme/none' }, status: 400, code: 'profile-unknown' },
    ],
  },
  {
    route: 'DELETE /api/v1/devices/:id',
    scope: 'manage',
    path: '/api/v1/devices/aq-2',
    status: 204,
    faults: noDevice('/api/v1/devices/nobody'),
  },
  {
    route: 'GET /api/v1/devices/:id/uplinks',
    scope: 'read',
    path: '/api/v1/devices/aq-1/uplinks',
    status: 200,
    has: ['uplinks', 'next'],
    faults: [...noDevice('/api/v1/devices/nobody/uplinks'), badCursor, ...badPage],
  },
  {
    route: 'POST /api/v1/sites',
    scope: 'manage',
    path: '/api/v1/sites',
    body: {
      id: 'merseyway',
      name: 'Merseyway',
      latitude: 53.41,
      longitude: -2.16,
      borough: 'Stockport',
      usrn: '00000000',
    },
    status: 201,
    has: ['id', 'borough'],
    faults: [
      { when: 'the site is there already', body: { id: 'wrs-14' }, status: 409, code: 'site-exists' },
      {
        when: 'the latitude is beyond the pole',
        body: { id: 'x', latitude: 91, longitude: 0 },
        status: 400,
        code: 'request-invalid',
        names: 'latitude',
      },
      {
        when: 'the latitude is null',
        body: { id: 'x', latitude: null, longitude: 0 },
        status: 400,
        code: 'request-invalid',
        names: 'latitude',
      },
      {
        when: 'the USRN lost its zeros',
        body: { id: 'x', usrn: '123' },
        status: 400,
        code: 'request-invalid',
        names: 'usrn',
      },
      { when: 'the id would be two topic levels', body: { id: 'a/b' }, status: 400, code: 'invalid-id' },
    ],
  },
  {
    route: 'PATCH /api/v1/sites/:id',
    scope: 'manage',
    path: '/api/v1/sites/wrs-14',
    body: { ward: 'Edgeley' },
    status: 200,
    has: ['id', 'ward'],
    faults: [
      { when: 'there is no such site', path: '/api/v1/sites/nowhere', status: 404, code: 'site-unknown' },
      { when: 'nothing is to change', body: {}, status: 400, code: 'request-invalid' },
      { when: 'the id is to change', body: { id: 'other' }, status: 400, code: 'request-invalid', names: 'id' },
      { when: 'half a position is given to a site without one', path: '/api/v1/sites/wrs-14', body: { latitude: 91 }, status: 400, code: 'request-invalid', names: 'latitude' },
    ],
  },
  {
    route: 'GET /api/v1/sites/:id',
    scope: 'see',
    path: '/api/v1/sites/wrs-14',
    status: 200,
    has: ['id', 'street'],
    faults: [
      { when: 'there is no such site', path: '/api/v1/sites/nowhere', status: 404, code: 'site-unknown' },
      { when: 'the site can be none', path: '/api/v1/sites/a%2Fb', status: 400, code: 'invalid-id' },
    ],
  },
  {
    route: 'GET /api/v1/sites',
    scope: 'see',
    path: '/api/v1/sites',
    status: 200,
    has: ['sites', 'next'],
    faults: [...badPage, badCursor],
  },
  { route: 'GET /api/v1/quantities', scope: 'see', path: '/api/v1/quantities', status: 200, has: ['quantities'] },
  { route: 'GET /api/v1/profiles', scope: 'read', path: '/api/v1/profiles', status: 200, has: ['profiles'] },
  {
    route: 'GET /api/v1/observations',
    scope: 'see',
    path: '/api/v1/observations',
    status: 200,
    has: ['observations', 'next'],
    faults: [
      ...badPage,
      badCursor,
      ...badSelection,
      { when: 'from is no time', path: '?from=lunch', status: 400, code: 'time-invalid', names: 'from' },
      { when: 'from lies after to', path: '?from=2026-02-01&to=2026-01-01', status: 400, code: 'span-invalid' },
      {
        when: 'every is no length',
        path: '?every=often&from=2026-01-01',
        status: 400,
        code: 'duration-invalid',
        names: 'every',
      },
      {
        when: 'every is a month, which has no length',
        path: '?every=P1M&from=2026-01-01',
        status: 400,
        code: 'duration-invalid',
        names: 'every',
      },
      { when: 'every has no from', path: '?every=1h', status: 400, code: 'time-missing', names: 'from' },
      {
        when: 'ten years are asked for by the second',
        path: '?every=1s&from=2016-01-01',
        status: 400,
        code: 'too-many-intervals',
        names: 'every',
      },
      {
        when: 'aggregate has no every',
        path: '?aggregate=mean',
        status: 400,
        code: 'duration-missing',
        names: 'every',
      },
      {
        when: 'the aggregate is none',
        path: '?every=1h&from=2026-01-01&aggregate=median',
        status: 400,
        code: 'request-invalid',
        names: 'aggregate',
      },
    ],
  },
  {
    route: 'GET /api/v1/observations/latest',
    scope: 'see',
    path: '/api/v1/observations/latest',
    status: 200,
    has: ['observations', 'next'],
    faults: [...badPage, badCursor, ...badSelection],
  },
  {
    route: 'GET /api/v1/alerts',
    scope: 'see',
    path: '/api/v1/alerts?state=open',
    status: 200,
    has: ['alerts', 'next'],
    faults: [
      ...badPage,
      badCursor,
      { when: 'the state is none', path: '?state=angry', status: 400, code: 'request-invalid', names: 'state' },
      { when: 'the site is not registered', path: '?site=nowhere', status: 404, code: 'site-unknown' },
      { when: 'the quantity does not exist', path: '?quantity=constructor', status: 400, code: 'request-invalid', names: 'quantity' },
      { when: 'the rule can be none', path: '?rule=a%2Fb', status: 400, code: 'invalid-id' },
      { when: 'since is no time', path: '?since=yesterday', status: 400, code: 'request-invalid', names: 'since' },
    ],
  },
  {
    route: 'POST /api/v1/rules',
    scope: 'manage',
    path: '/api/v1/rules',
    body: { ...rule, id: 'no2-hour', site: 'wrs-14', clearAt: 180, forMs: 3_600_000, severity: 'critical' },
    status: 201,
    has: ['id', 'name', 'unit', 'clearAt'],
    faults: [
      { when: 'the rule is there already', body: { ...rule, id: 'there' }, status: 409, code: 'rule-exists' },
      {
        when: 'the threshold is null, which is not 0',
        body: { ...rule, threshold: null },
        status: 400,
        code: 'request-invalid',
        names: 'threshold',
      },
      {
        when: 'the threshold is a text',
        body: { ...rule, threshold: '40' },
        status: 400,
        code: 'request-invalid',
        names: 'threshold',
      },
      {
        when: 'the threshold is no number that exists',
        body: '{"quantity":"no2","when":"above","threshold":1e999}',
        status: 400,
        code: 'request-invalid',
        names: 'threshold',
      },
      {
        when: 'the quantity does not exist',
        body: { ...rule, quantity: 'constructor' },
        status: 400,
        code: 'request-invalid',
        names: 'quantity',
      },
      { when: 'it could never clear', body: { ...rule, clearAt: 250 }, status: 400, code: 'clear-at-invalid' },
    ],
  },
  {
    route: 'GET /api/v1/rules',
    scope: 'read',
    path: '/api/v1/rules',
    status: 200,
    has: ['rules', 'next'],
    faults: [...badPage, badCursor],
  },
  {
    route: 'DELETE /api/v1/rules/:id',
    scope: 'manage',
    path: '/api/v1/rules/no2-hour',
    status: 204,
    faults: [{ when: 'there is no such rule', path: '/api/v1/rules/nobody', status: 404, code: 'rule-unknown' }],
  },
  {
    route: 'GET /api/v1/devices/template',
    scope: 'manage',
    path: '/api/v1/devices/template',
    status: 200,
  },
  {
    route: 'POST /api/v1/devices/import',
    scope: 'manage',
    path: '/api/v1/devices/import?dryRun=true',
    body: 'id,profile\nbulk-1,kerbside/canonical\n',
    type: 'text/csv',
    status: 200,
    has: ['applied', 'dryRun', 'totals', 'rows', 'keysKept', 'keysLeftOut', 'nwkSKeyLeftOut', 'columnsUnused', 'credentials'],
    faults: [
      { when: 'a parameter is none', path: '?dryRun=perhaps', status: 400, code: 'request-invalid', names: 'dryRun' },
      { when: 'keys are asked for as none', path: '?withKeys=perhaps', status: 400, code: 'request-invalid', names: 'withKeys' },
      { when: 'a row is bad', path: '?', body: 'id,profile\nx,acme/none\n', status: 422, code: 'rows-bad' },
      { when: 'the body is none', body: '', status: 400, code: 'csv-empty' },
      { when: 'it is JSON', body: '{}', status: 400, code: 'csv-wrong-kind', names: 'JSON' },
      { when: 'it says that it is JSON', body: '{}', type: 'application/json', status: 415, code: 'media-type-unsupported' },
    ],
  },
  {
    route: 'GET /api/v1/quarantine',
    scope: 'read',
    path: '/api/v1/quarantine?reason=not-json&device=aq-1',
    status: 200,
    has: ['quarantined', 'next'],
    faults: [
      ...badPage,
      badCursor,
      { when: 'the reason is none', path: '?reason=dislike', status: 400, code: 'request-invalid', names: 'reason' },
    ],
  },
  {
    route: 'POST /api/v1/quarantine/:id/redrive',
    scope: 'manage',
    path: '/api/v1/quarantine/1/redrive',
    status: 200,
    has: ['outcome'],
    faults: [
      {
        when: 'nothing has this number',
        path: '/api/v1/quarantine/9999/redrive',
        status: 404,
        code: 'quarantine-unknown',
      },
      {
        when: 'the number is none',
        path: '/api/v1/quarantine/first/redrive',
        status: 400,
        code: 'request-invalid',
        names: 'id',
      },
    ],
  },
  {
    route: 'GET /api/v1/status',
    scope: 'see',
    path: '/api/v1/status',
    status: 200,
    has: ['sentence', 'sensors', 'reporting', 'alerts', 'at', 'complete'],
  },
  {
    route: 'GET /api/v1/openapi.json',
    scope: 'none',
    path: '/api/v1/openapi.json',
    status: 200,
    has: ['openapi', 'paths'],
  },
];

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const problem = (json: unknown): Record<string, unknown> => (isRecord(json) ? json : {});
const methodOf = (route: string): string => route.split(' ')[0] ?? 'GET';
const addressOf = (row: Row, fault: Fault): string => {
  if (fault.path === undefined) return row.path;
  return fault.path.startsWith('?') ? `${row.path.split('?')[0] ?? ''}${fault.path}` : fault.path;
};

test('every route of the API has a row here, and every row a route', () => {
  const routes = house.routes.filter((route) => route.includes(' /api/v1/') && !route.startsWith('HEAD'));
  expect(routes.length).toBeGreaterThan(15);
  expect(routes.toSorted()).toEqual(rows.map(({ route }) => route).toSorted());
});

test('whoever may not is told which roles may', async () => {
  const { json } = await house.ask('/api/v1/sites/wrs-14', { method: 'PATCH', body: { name: 'Elsewhere' }, key: house.keys.viewer });
  expect(problem(json)['detail']).toBe('The key "a reader" has the role viewer, which may not manage: that takes the role engineer or administrator');
});

describe.each(rows)('$route', (row) => {
  const method = methodOf(row.route);
  const { body } = row;
  const type = row.type ?? 'application/json';

  test('is closed to whoever shows no key, or a wrong one, unless it is for everybody', async () => {
    for (const key of [undefined, 'wrong', house.keys.viewer.slice(0, -1)]) {
      const answer = await house.ask(row.path, { method, body, type, key });
      const refused = {
        status: 401,
        code: key === undefined ? 'key-missing' : 'key-wrong',
        type: 'application/problem+json; charset=utf-8',
        asks: 'Bearer realm="kerbside", Basic realm="kerbside"',
      };
      const seen = {
        status: answer.status,
        code: problem(answer.json)['code'],
        type: answer.headers.get('content-type'),
        asks: answer.headers.get('www-authenticate'),
      };
      // Whoever sees the pages sees this; a key that is wrong is refused everywhere.
      const isOpen = row.scope === 'none' || (row.scope === 'see' && key === undefined);
      expect(seen).toMatchObject(isOpen ? { status: row.status } : refused);
    }
  });

  test('is closed to a key that may only read where it changes something', async () => {
    const answer = await house.ask(row.path, { method, body, type, key: house.keys.viewer });
    expect([answer.status, problem(answer.json)['code']]).toEqual(
      ['operate', 'manage', 'administer'].includes(row.scope) ? [403, 'scope-missing'] : [row.status, undefined],
    );
  });

  for (const fault of row.faults ?? []) {
    test(`answers ${fault.status} ${fault.code} when ${fault.when}`, async () => {
      const answer = await house.ask(addressOf(row, fault), {
        method,
        body: 'body' in fault ? fault.body : body,
        type: fault.type ?? type,
        key: house.keys.administrator,
      });
      expect(problem(answer.json)).toMatchObject({
        status: fault.status,
        code: fault.code,
        type: `https://kerbside.example/problems/${fault.code}`,
      });
      expect(answer.status).toBe(fault.status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(String(problem(answer.json)['detail'])).toContain(fault.names ?? '');
    });
  }

  test(`answers ${row.status} when all is right`, async () => {
    const key = row.scope === 'none' ? undefined : row.scope === 'read' || row.scope === 'see' ? house.keys.viewer : house.keys.administrator;
    const answer = await house.ask(row.path, { method, body, type, key });
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: row.status });
    expect(Object.keys(problem(answer.json))).toEqual(expect.arrayContaining([...(row.has ?? [])]));
  });
});
