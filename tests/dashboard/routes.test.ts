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
import { deviceRows } from './device-rows.ts';
import { gatewayRows } from './gateway-rows.ts';
import { siteRows } from './site-rows.ts';
import { observationRows } from './observation-rows.ts';
import { ruleRows } from './rule-rows.ts';
import { quarantineRows } from './quarantine-rows.ts';
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
  ...deviceRows,
  ...gatewayRows,
  ...siteRows,
  ...observationRows,
  ...ruleRows,
  ...quarantineRows,
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
  const { json } = await house.ask('/api/v1/sites/wrs-14', {
    method: 'PATCH',
    body: { name: 'Elsewhere' },
    key: house.keys.viewer,
  });
  expect(problem(json)['detail']).toBe(
    'The key "a reader" has the role viewer, which may not manage: that takes the role engineer or administrator',
  );
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
    const key =
      row.scope === 'none'
        ? undefined
        : row.scope === 'read' || row.scope === 'see'
          ? house.keys.viewer
          : house.keys.administrator;
    const answer = await house.ask(row.path, { method, body, type, key });
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: row.status });
    expect(Object.keys(problem(answer.json))).toEqual(expect.arrayContaining([...(row.has ?? [])]));
  });
});
