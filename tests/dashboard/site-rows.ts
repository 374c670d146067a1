import { badCursor, badPage } from './route-faults.ts';
import type { Row } from './route-row.ts';

/** Sites. */
export const siteRows: readonly Row[] = [
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
      {
        when: 'half a position is given to a site without one',
        path: '/api/v1/sites/wrs-14',
        body: { latitude: 91 },
        status: 400,
        code: 'request-invalid',
        names: 'latitude',
      },
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
];
