import type { Fault, Row } from './route-row.ts';

const badPage: readonly Fault[] = [
  { when: 'the limit is too high', path: '&limit=100000', status: 400, code: 'request-invalid', names: 'limit' },
  { when: 'a parameter is not known', path: '&colour=red', status: 400, code: 'request-invalid', names: 'colour' },
  { when: 'the cursor was never given', path: '&cursor=nonsense', status: 400, code: 'cursor-invalid' },
  { when: 'failed values are asked for', path: '&maxFlag=4', status: 400, code: 'request-invalid', names: 'maxFlag' },
];
/** Each fault with the whole address, so that what it adds is all that is wrong. */
const at = (path: string, faults: readonly Fault[]): readonly Fault[] =>
  faults.map((fault) => ({ ...fault, path: `${path}${fault.path ?? ''}` }));
const badSpan: readonly Fault[] = [
  { when: 'from is no time', path: '&from=noon', status: 400, code: 'time-invalid', names: 'from' },
  { when: 'from is missing', path: '', status: 400, code: 'time-missing', names: 'from' },
  { when: 'from lies after to', path: '&from=2026-02-01&to=2026-01-01', status: 400, code: 'span-invalid' },
];
const noSite: Fault = {
  when: 'nobody knows the site',
  path: '&site=nowhere',
  status: 404,
  code: 'site-unknown',
  names: 'nowhere',
};

const averages = '/api/v1/averages?period=1h';
const indices = '/api/v1/indices?site=wrs-14';
const latest = '/api/v1/indices/latest?site=wrs-14';
const summary = '/api/v1/averages/summary?site=wrs-14';
const objectives = '/api/v1/objectives?site=wrs-14&year=2026';
const from = '&from=2026-01-15T00:00:00Z&to=2026-01-16T00:00:00Z';

export const averagesRows: readonly Row[] = [
  {
    route: 'GET /api/v1/averages',
    scope: 'read',
    path: `${averages}${from}&site=wrs-14&quantity=no2`,
    status: 200,
    has: ['averages', 'next'],
    faults: [
      ...at(`${averages}${from}`, badPage),
      ...at(averages, badSpan),
      ...at(`${averages}${from}`, [
        noSite,
        {
          when: 'nobody knows the device',
          path: '&device=nobody',
          status: 404,
          code: 'device-unknown',
          names: 'nobody',
        },
        {
          when: 'the quantity does not exist',
          path: '&quantity=happiness',
          status: 400,
          code: 'quantity-unknown',
          names: 'happiness',
        },
        {
          when: 'the quantity is a count',
          path: '&quantity=footfall_in',
          status: 400,
          code: 'quantity-not-averaged',
          names: 'a count',
        },
        {
          when: 'the quantity is a direction',
          path: '&quantity=no2,wind_direction',
          status: 400,
          code: 'quantity-not-averaged',
          names: 'opposite',
        },
        {
          when: 'the quantity is in decibels',
          path: '&quantity=laeq',
          status: 400,
          code: 'quantity-not-averaged',
          names: 'logarithm',
        },
      ]),
      {
        when: 'the period is none',
        path: `/api/v1/averages?period=week${from}`,
        status: 400,
        code: 'request-invalid',
        names: 'the parameter period must be one of: 15m',
      },
      {
        when: 'the span has too many',
        path: `${averages}&from=2020-01-01&to=2026-01-01`,
        status: 400,
        code: 'too-many-intervals',
        names: 'at most 10000',
      },
    ],
  },
  {
    route: 'GET /api/v1/averages/summary',
    scope: 'read',
    path: `${summary}${from}`,
    status: 200,
    has: ['summaries', 'next'],
    faults: [
      ...at(`${summary}${from}`, badPage.slice(1)),
      ...at(summary, badSpan),
      ...at(`/api/v1/averages/summary?device=aq-1${from}`, [
        noSite,
        {
          when: 'the quantity is a running total',
          path: '&quantity=rain_total',
          status: 400,
          code: 'quantity-not-averaged',
          names: 'a running total',
        },
      ]),
      {
        when: 'the span is too long',
        path: `${summary}&from=2020-01-01&to=2026-01-01`,
        status: 400,
        code: 'too-many-intervals',
      },
    ],
  },
  {
    route: 'GET /api/v1/indices',
    scope: 'read',
    path: `${indices}${from}`,
    status: 200,
    has: ['indices', 'next'],
    faults: [
      ...at(`${indices}${from}`, badPage),
      ...at(indices, badSpan),
      { ...noSite, path: `/api/v1/indices?site=nowhere${from}` },
      {
        when: 'no site lies in the borough',
        path: `${indices}${from}&borough=salford`,
        status: 404,
        code: 'borough-unknown',
        names: 'salford',
      },
      {
        when: 'the span has too many',
        path: `${indices}&from=2020-01-01&to=2026-01-01`,
        status: 400,
        code: 'too-many-intervals',
      },
    ],
  },
  {
    route: 'GET /api/v1/indices/latest',
    scope: 'read',
    path: latest,
    status: 200,
    has: ['indices', 'next'],
    faults: [...at(latest, badPage), { ...noSite, path: '/api/v1/indices/latest?site=nowhere' }],
  },
  {
    route: 'GET /api/v1/objectives',
    scope: 'read',
    path: objectives,
    status: 200,
    has: ['objectives', 'next'],
    faults: [
      ...at(objectives, badPage.slice(1)),
      { ...noSite, path: '/api/v1/objectives?site=nowhere&year=2026' },
      {
        when: 'two sites are named',
        path: '/api/v1/objectives?site=wrs-14,wrs-15&year=2026',
        status: 400,
        code: 'invalid-id',
      },
      {
        when: 'the site is missing',
        path: '/api/v1/objectives?year=2026',
        status: 400,
        code: 'request-invalid',
        names: 'site',
      },
      {
        when: 'the year is missing',
        path: '/api/v1/objectives?site=wrs-14',
        status: 400,
        code: 'request-invalid',
        names: 'year',
      },
      {
        when: 'the year has not begun',
        path: '/api/v1/objectives?site=wrs-14&year=9000',
        status: 400,
        code: 'year-invalid',
        names: '9000',
      },
      {
        when: 'the year is none',
        path: '/api/v1/objectives?site=wrs-14&year=last',
        status: 400,
        code: 'request-invalid',
        names: 'year',
      },
    ],
  },
];
