import type { Fault } from './route-row.ts';

/** What is wrong with the same parts of many routes. */

export const badPage: readonly Fault[] = [
  { when: 'the limit is no number', path: '?limit=many', status: 400, code: 'request-invalid', names: 'limit' },
  { when: 'the limit is too high', path: '?limit=100000', status: 400, code: 'request-invalid', names: 'limit' },
  { when: 'a parameter is not known', path: '?colour=red', status: 400, code: 'request-invalid', names: 'colour' },
];
export const badCursor: Fault = {
  when: 'the cursor was never given',
  path: '?cursor=nonsense',
  status: 400,
  code: 'cursor-invalid',
};
export const noDevice = (path: string): readonly Fault[] => [
  { when: 'there is no such device', path, status: 404, code: 'device-unknown' },
  {
    when: 'the id can be none',
    path: path.replace('nobody', encodeURIComponent('../etc')),
    status: 400,
    code: 'invalid-id',
  },
];
export const noGateway = (path: string): Fault => ({
  when: 'nobody ever heard of the gateway',
  path,
  status: 404,
  code: 'gateway-unknown',
});
export const badSelection: readonly Fault[] = [
  {
    when: 'nobody knows the device',
    path: '?device=aq-1,nobody',
    status: 404,
    code: 'device-unknown',
    names: 'nobody',
  },
  { when: 'nobody knows the site', path: '?site=nowhere', status: 404, code: 'site-unknown', names: 'nowhere' },
  {
    when: 'no site lies in the borough',
    path: '?borough=salford',
    status: 404,
    code: 'borough-unknown',
    names: 'salford',
  },
  {
    when: 'the quantity does not exist',
    path: '?quantity=happiness',
    status: 400,
    code: 'quantity-unknown',
    names: 'happiness',
  },
  { when: 'the site is empty', path: '?site=', status: 400, code: 'invalid-id' },
  { when: 'the flag is none', path: '?maxFlag=5', status: 400, code: 'request-invalid', names: 'maxFlag' },
  { when: 'somebody tries a prototype', path: '?__proto__=x', status: 400, code: 'request-invalid' },
];
