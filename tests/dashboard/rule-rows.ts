import { badCursor, badPage } from './route-faults.ts';
import type { Row } from './route-row.ts';

const rule = { quantity: 'no2', when: 'above', threshold: 200 };

/** The list of alerts, and rules. */
export const ruleRows: readonly Row[] = [
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
      {
        when: 'the quantity does not exist',
        path: '?quantity=constructor',
        status: 400,
        code: 'request-invalid',
        names: 'quantity',
      },
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
];
