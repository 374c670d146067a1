import { instant } from '../../device-profiles/vocabulary/index.ts';
import type { House } from './house.ts';
import type { Row } from './route-row.ts';

const path = '/api/v1/reprocessing';
/** A run that waits behind one over nothing at all is called off before it begins; the first one is over. */
export const prepareRuns = async (house: House): Promise<void> => {
  await house.registry.addDevice({ id: 'run-1', profile: 'kerbside/canonical' });
  const job = {
    scope: { kind: 'device', id: 'run-1' },
    from: instant(Date.UTC(2026, 0, 5)),
    to: instant(Date.UTC(2026, 0, 6)),
    dryRun: true,
  } as const;
  const { id } = await house.registry.askReprocess(job);
  await house.registry.cancelReprocess(id).catch(() => undefined);
};

const given = {
  scope: { kind: 'device', id: 'run-1' },
  from: '2026-01-05',
  to: '2026-01-06',
  reason: 'The codec was wrong',
};

export const reprocessRows: readonly Row[] = [
  {
    route: 'POST /api/v1/reprocessing',
    scope: 'manage',
    path,
    body: given,
    status: 202,
    has: ['id', 'scope', 'from', 'to', 'dryRun', 'state', 'progress', 'result', 'by'],
    faults: [
      {
        when: 'there is no such device',
        body: { ...given, scope: { kind: 'device', id: 'nobody' } },
        status: 404,
        code: 'device-unknown',
      },
      {
        when: 'there is no such site',
        body: { ...given, scope: { kind: 'site', id: 'nowhere' } },
        status: 404,
        code: 'site-unknown',
      },
      {
        when: 'there is no such profile',
        body: { ...given, scope: { kind: 'profile', id: 'acme/none' } },
        status: 404,
        code: 'profile-unknown',
      },
      {
        when: 'it is of a kind that there is not',
        body: { ...given, scope: { kind: 'borough', id: 'x' } },
        status: 400,
        code: 'request-invalid',
        names: 'scope',
      },
      { when: 'it ends before it begins', body: { ...given, to: '2026-01-05' }, status: 400, code: 'span-invalid' },
      { when: 'it lies in the future', body: { ...given, to: '2126-01-05' }, status: 400, code: 'date-in-future' },
      {
        when: 'the time is none',
        body: { ...given, from: 'yesterday' },
        status: 400,
        code: 'time-invalid',
        names: 'from',
      },
      { when: 'the reason is empty', body: { ...given, reason: ' ' }, status: 400, code: 'name-invalid' },
    ],
  },
  {
    route: 'GET /api/v1/reprocessing',
    scope: 'read',
    path,
    status: 200,
    has: ['runs', 'next'],
    faults: [{ when: 'the cursor is none of ours', path: `${path}?cursor=x`, status: 400, code: 'cursor-invalid' }],
  },
  {
    route: 'GET /api/v1/reprocessing/:id',
    scope: 'read',
    path: `${path}/1`,
    status: 200,
    has: ['id', 'state', 'result'],
    faults: [
      { when: 'there is no such run', path: `${path}/999`, status: 404, code: 'reprocess-unknown' },
      { when: 'it is no number', path: `${path}/last`, status: 400, code: 'request-invalid' },
    ],
  },
  {
    route: 'POST /api/v1/reprocessing/:id/cancel',
    scope: 'manage',
    path: `${path}/1/cancel`,
    status: 409,
    faults: [
      { when: 'there is no such run', path: `${path}/999/cancel`, status: 404, code: 'reprocess-unknown' },
      { when: 'it is over', path: `${path}/1/cancel`, status: 409, code: 'reprocess-ended' },
    ],
  },
];
