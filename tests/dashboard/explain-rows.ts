import type { House } from './house.ts';
import type { Row } from './route-row.ts';

/** What the row below stands on: a value whose time is known. */
export const prepareExplain = async (house: House): Promise<void> => {
  await house.registry.addDevice({ id: 'told-1', profile: 'kerbside/canonical', site: 'wrs-14' });
  await house.say('told-1', { no2: 40, time: '2026-01-15T12:00:00Z' });
};

const at = 'time=2026-01-15T12:00:00Z';
const path = '/api/v1/observations/explain';

export const explainRows: readonly Row[] = [
  {
    route: 'GET /api/v1/observations/explain',
    scope: 'read',
    path: `${path}?device=told-1&quantity=no2&${at}`,
    status: 200,
    has: ['stored', 'messages', 'messagesAbsent', 'profile', 'today', 'refused', 'differs', 'reprocess', 'rollUps'],
    faults: [
      {
        when: 'nobody knows the device',
        path: `${path}?device=nobody&quantity=no2&${at}`,
        status: 404,
        code: 'device-unknown',
      },
      {
        when: 'the device can be none',
        path: `${path}?device=..%2Fetc&quantity=no2&${at}`,
        status: 400,
        code: 'invalid-id',
      },
      {
        when: 'the quantity does not exist',
        path: `${path}?device=told-1&quantity=happiness&${at}`,
        status: 400,
        code: 'quantity-unknown',
      },
      {
        when: 'the device never said it',
        path: `${path}?device=told-1&quantity=o3&${at}`,
        status: 404,
        code: 'quantity-unmeasured',
        names: 'o3',
      },
      {
        when: 'there is no value then',
        path: `${path}?device=told-1&quantity=no2&time=2026-01-15T12:00:01Z`,
        status: 404,
        code: 'value-unknown',
        names: '2026-01-15T12:00:00.000Z before it',
      },
      {
        when: 'the time is none',
        path: `${path}?device=told-1&quantity=no2&time=lunch`,
        status: 400,
        code: 'time-invalid',
        names: 'time',
      },
      {
        when: 'there is no time',
        path: `${path}?device=told-1&quantity=no2`,
        status: 400,
        code: 'request-invalid',
        names: 'time',
      },
      {
        when: 'a parameter is not known',
        path: `${path}?device=told-1&quantity=no2&${at}&colour=red`,
        status: 400,
        code: 'request-invalid',
        names: 'colour',
      },
    ],
  },
];
