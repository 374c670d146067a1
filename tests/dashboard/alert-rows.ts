import { alertId, deviceId, instant, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert } from '../../infra/registry/contract.ts';
import type { House } from './house.ts';
import type { Row } from './route-row.ts';

const alert = (id: string, change: Partial<Alert> = {}): Alert => ({
  id: alertId(id),
  rule: ruleId('there'),
  ruleName: 'there already',
  severity: 'warning',
  device: deviceId('aq-1'),
  site: siteId('wrs-14'),
  quantity: 'pm2_5',
  state: 'firing',
  startedAt: instant(1_000),
  firedAt: instant(1_000),
  value: 60,
  valueAt: instant(2_000),
  worst: 60,
  threshold: 50,
  asked: { quantity: 'pm2_5', when: 'above', threshold: 50, clearAt: 50, forMs: 0 },
  ...change,
});

/** What the rows below stand on: an alert that waits for somebody, one that somebody has, one that is over. */
export const prepareAlerts = async ({ registry }: House): Promise<void> => {
  await registry.saveAlerts([
    alert('waits'),
    alert('taken'),
    alert('over', { state: 'resolved', resolvedAt: instant(3_000) }),
  ]);
  await registry.acknowledgeAlert(alertId('taken'));
  await registry.noteAlert(alertId('taken'), 'A bonfire next door');
};

const missing = (verb = '') => [
  { when: 'there is no such alert', path: `/api/v1/alerts/nobody${verb}`, status: 404, code: 'alert-unknown' },
  { when: 'the id can be none', path: `/api/v1/alerts/a%2Fb${verb}`, status: 400, code: 'invalid-id' },
];
const rule = { quantity: 'no2', when: 'above', threshold: 200 };
const noRule = { when: 'there is no such rule', path: '/api/v1/rules/nobody', status: 404, code: 'rule-unknown' };

export const alertRows: readonly Row[] = [
  {
    route: 'GET /api/v1/alerts/:id',
    scope: 'see',
    path: '/api/v1/alerts/taken',
    status: 200,
    has: ['alert', 'asked', 'rule', 'deeds'],
    faults: missing(),
  },
  {
    route: 'POST /api/v1/alerts/:id/acknowledge',
    scope: 'operate',
    path: '/api/v1/alerts/waits/acknowledge',
    status: 201,
    has: ['id', 'kind', 'at', 'by', 'note'],
    faults: [
      ...missing('/acknowledge'),
      {
        when: 'somebody did so already',
        path: '/api/v1/alerts/taken/acknowledge',
        status: 409,
        code: 'alert-acknowledged',
      },
      { when: 'it is over', path: '/api/v1/alerts/over/acknowledge', status: 409, code: 'alert-resolved' },
    ],
  },
  {
    route: 'POST /api/v1/alerts/:id/notes',
    scope: 'operate',
    path: '/api/v1/alerts/over/notes',
    body: { note: 'Mended.\nIt was the inlet.' },
    status: 201,
    has: ['id', 'kind', 'at', 'by', 'note'],
    faults: [
      ...missing('/notes'),
      { when: 'the note is empty', body: { note: '  ' }, status: 400, code: 'note-invalid' },
      {
        when: 'the note is a book',
        body: { note: 'x'.repeat(2_001) },
        status: 400,
        code: 'note-invalid',
        names: '2001',
      },
      {
        when: 'the note turns the direction of writing',
        body: { note: 'a\u202Eb' },
        status: 400,
        code: 'note-invalid',
      },
      { when: 'there is none', body: {}, status: 400, code: 'request-invalid', names: 'note' },
    ],
  },
  {
    route: 'GET /api/v1/rules/:id',
    scope: 'read',
    path: '/api/v1/rules/there',
    status: 200,
    has: ['id', 'name', 'unit', 'clearAt'],
    faults: [noRule],
  },
  {
    route: 'PATCH /api/v1/rules/:id',
    scope: 'manage',
    path: '/api/v1/rules/there',
    body: { threshold: 55, severity: 'critical', site: null },
    status: 200,
    has: ['id', 'name', 'unit', 'clearAt'],
    faults: [
      noRule,
      {
        when: 'the threshold is null',
        body: { threshold: null },
        status: 400,
        code: 'request-invalid',
        names: 'threshold',
      },
      { when: 'it could never clear', body: { clearAt: 250 }, status: 400, code: 'clear-at-invalid' },
      { when: 'the site is not registered', body: { site: 'nowhere' }, status: 400, code: 'rule-site-unknown' },
      { when: 'its id is to change', body: { id: 'other' }, status: 400, code: 'request-invalid', names: 'id' },
    ],
  },
  {
    route: 'POST /api/v1/rules/trial',
    scope: 'manage',
    path: '/api/v1/rules/trial',
    body: rule,
    status: 200,
    has: ['from', 'to', 'fired', 'devices', 'looked', 'complete', 'newest'],
    faults: [
      {
        when: 'the site is not registered',
        body: { ...rule, site: 'nowhere' },
        status: 400,
        code: 'rule-site-unknown',
      },
      {
        when: 'the device is not registered',
        body: { ...rule, device: 'nobody' },
        status: 400,
        code: 'rule-device-unknown',
      },
      { when: 'it could never clear', body: { ...rule, clearAt: 250 }, status: 400, code: 'clear-at-invalid' },
      {
        when: 'the quantity does not exist',
        body: { ...rule, quantity: 'constructor' },
        status: 400,
        code: 'request-invalid',
        names: 'quantity',
      },
    ],
  },
];
