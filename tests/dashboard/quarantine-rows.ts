import { badCursor, badPage } from './route-faults.ts';
import type { Row } from './route-row.ts';

/** Messages that wait. */
export const quarantineRows: readonly Row[] = [
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
];
