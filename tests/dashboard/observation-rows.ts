import { badCursor, badPage, badSelection } from './route-faults.ts';
import type { Row } from './route-row.ts';

/** Observations, what they are made of, and how all of it is. */
export const observationRows: readonly Row[] = [
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
