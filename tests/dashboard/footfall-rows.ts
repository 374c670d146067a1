import type { House } from './house.ts';
import type { Fault, Row } from './route-row.ts';

/** What the rows below stand on: a counter that has said one period's count. */
export const prepareFootfall = async (house: House): Promise<void> => {
  await house.registry.addDevice({ id: 'count-1', profile: 'kerbside/canonical', site: 'wrs-14' });
  await house.registry.addDevice({ id: 'air-only', profile: 'airgradient/open-air', site: 'wrs-14' });
  await house.say('count-1', { footfall_in: 3, footfall_out: 2, time: '2026-01-15T12:00:00Z' });
};

const january = 'from=2026-01-15&to=2026-01-16';
const badCounts = (path: string, rest = ''): readonly Fault[] => [
  {
    when: 'no place is given',
    path: `${path}?${january}${rest}`,
    status: 400,
    code: 'place-unclear',
    names: 'site, device',
  },
  {
    when: 'two places are given',
    path: `${path}?site=wrs-14&device=count-1&${january}${rest}`,
    status: 400,
    code: 'place-unclear',
  },
  {
    when: 'two sites are given',
    path: `${path}?site=wrs-14,wrs-14b&${january}${rest}`,
    status: 404,
    code: 'site-unknown',
  },
  {
    when: 'two devices are given',
    path: `${path}?device=count-1,aq-1&${january}${rest}`,
    status: 400,
    code: 'place-unclear',
    names: 'one only',
  },
  {
    when: 'nobody knows the site',
    path: `${path}?site=nowhere&${january}${rest}`,
    status: 404,
    code: 'site-unknown',
    names: 'nowhere',
  },
  {
    when: 'nobody knows the device',
    path: `${path}?device=nobody&${january}${rest}`,
    status: 404,
    code: 'device-unknown',
  },
  {
    when: 'the device counts nothing',
    path: `${path}?device=air-only&${january}${rest}`,
    status: 404,
    code: 'counts-nothing',
    names: 'air-only counts no people',
  },
  {
    when: 'the device can be none',
    path: `${path}?device=..%2Fetc&${january}${rest}`,
    status: 400,
    code: 'invalid-id',
  },
  {
    when: 'there is no beginning',
    path: `${path}?site=wrs-14${rest}`,
    status: 400,
    code: 'time-missing',
    names: 'from',
  },
  {
    when: 'from is no time',
    path: `${path}?site=wrs-14&from=lunch${rest}`,
    status: 400,
    code: 'time-invalid',
    names: 'from',
  },
  {
    when: 'from is no day',
    path: `${path}?site=wrs-14&from=2026-02-30${rest}`,
    status: 400,
    code: 'time-invalid',
    names: 'from',
  },
  {
    when: 'from lies after to',
    path: `${path}?site=wrs-14&from=2026-01-16&to=2026-01-15${rest}`,
    status: 400,
    code: 'span-invalid',
  },
  {
    when: 'the length is none',
    path: `${path}?site=wrs-14&${january}&every=minute${rest}`,
    status: 400,
    code: 'request-invalid',
    names: 'every',
  },
  {
    when: 'nobody counts that',
    path: `${path}?site=wrs-14&${january}&of=pigeons${rest}`,
    status: 400,
    code: 'request-invalid',
    names: 'of',
  },
  {
    when: 'failed values are asked for',
    path: `${path}?site=wrs-14&${january}&maxFlag=4${rest}`,
    status: 400,
    code: 'request-invalid',
    names: 'maxFlag',
  },
  {
    when: 'a century is asked for',
    path: `${path}?site=wrs-14&from=1900-01-01&every=day${rest}`,
    status: 400,
    code: 'too-many-intervals',
    names: 'every',
  },
  {
    when: 'the cursor was never given',
    path: `${path}?site=wrs-14&${january}&cursor=nonsense${rest}`,
    status: 400,
    code: 'cursor-invalid',
  },
  {
    when: 'a parameter is not known',
    path: `${path}?colour=red${rest}`,
    status: 400,
    code: 'request-invalid',
    names: 'colour',
  },
];

export const footfallRows: readonly Row[] = [
  {
    route: 'GET /api/v1/footfall',
    scope: 'read',
    path: `/api/v1/footfall?site=wrs-14&${january}&every=hour`,
    status: 200,
    has: ['of', 'devices', 'periods', 'unbooked', 'differences', 'leftOut', 'next'],
    faults: badCounts('/api/v1/footfall'),
  },
  {
    route: 'GET /api/v1/footfall/compare',
    scope: 'read',
    path: `/api/v1/footfall/compare?device=count-1&${january}&with=last-week`,
    status: 200,
    has: ['of', 'with', 'comparisons', 'next'],
    faults: [
      ...badCounts('/api/v1/footfall/compare', '&with=last-year'),
      {
        when: 'it is not said with what',
        path: `/api/v1/footfall/compare?site=wrs-14&${january}`,
        status: 400,
        code: 'request-invalid',
        names: 'with',
      },
      {
        when: 'months are to be compared',
        path: `/api/v1/footfall/compare?site=wrs-14&${january}&with=last-year&every=month`,
        status: 400,
        code: 'request-invalid',
        names: 'every',
      },
    ],
  },
];
