import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import type { House } from './house.ts';
import type { Fault, Row } from './route-row.ts';

const HOURS = 30;
const start = Date.UTC(2026, 0, 5);

/** A sensor that reads 10 too high and half as steep as the station beside it; one calibration that is withdrawn, and one to withdraw. */
export const prepareCalibrations = async (house: House): Promise<void> => {
  const profile = 'kerbside/canonical';
  const [sensor] = await house.registry.addDevices([
    { id: 'cal-1', profile },
    { id: 'station-1', profile },
  ]);
  if (sensor === undefined) throw new Error('it is not registered');
  for (const device of ['cal-1', 'station-1'] as const)
    await house.say(
      device,
      Array.from({ length: HOURS * 6 }, (_, n) => {
        const hour = Math.floor(n / 6);
        const truth = 20 + 3 * Math.sin(hour) + hour;
        return { time: new Date(start + n * 600_000).toISOString(), no2: device === 'cal-1' ? 10 + truth / 2 : truth };
      }),
    );
  const calibration = {
    quantity: 'no2',
    from: sensor.device.createdAt,
    correction: { coefficients: [1, 1] },
    author: 'Air quality team',
    reason: 'To be withdrawn',
  };
  const first = await house.registry.calibrate(sensor.device.id, calibration);
  await house.registry.withdrawCalibration(first.id);
  await house.registry.calibrate(sensor.device.id, calibration);
  const agreement = { pairs: 30, r2: 1, bias: 0, rmse: 0 };
  const line = {
    offset: -20,
    slope: 2,
    before: agreement,
    after: agreement,
    reference: { device: deviceId('station-1'), quantity: 'no2' as const },
  };
  const fit = { ...line, from: instant(start), to: instant(start + HOURS * 3_600_000) };
  // For no time of the other tests: the year before.
  await house.registry.calibrate(sensor.device.id, {
    ...calibration,
    from: instant(start - 400 * 86_400_000),
    to: instant(start - 399 * 86_400_000),
    correction: { coefficients: [-20, 2] },
    fit,
  });
};

const path = '/api/v1/devices/cal-1/calibrations';
const stretch = { reference: { device: 'station-1' }, from: '2026-01-05T00:00:00Z', to: '2026-01-06T06:00:00Z' };
const given = {
  quantity: 'no2',
  from: '2026-01-05T00:00:00Z',
  correction: { coefficients: [-20, 2] },
  author: 'Air quality team',
  reason: 'Beside the station',
};
const nobody = (where: string, body?: unknown): Fault => ({
  when: 'there is no such device',
  path: where,
  ...(body === undefined ? {} : { body }),
  status: 404,
  code: 'device-unknown',
});

export const calibrationRows: readonly Row[] = [
  {
    route: 'GET /api/v1/devices/:id/calibrations',
    scope: 'read',
    path,
    status: 200,
    has: ['calibrations'],
    faults: [nobody('/api/v1/devices/nobody/calibrations')],
  },
  {
    route: 'POST /api/v1/devices/:id/calibrations',
    scope: 'manage',
    path,
    body: given,
    status: 201,
    has: ['id', 'version', 'correction', 'unit', 'author'],
    faults: [
      nobody('/api/v1/devices/nobody/calibrations', given),
      { when: 'there is no such quantity', body: { ...given, quantity: 'no3' }, status: 400, code: 'quantity-unknown' },
      {
        when: 'it says nothing',
        body: { ...given, correction: undefined },
        status: 400,
        code: 'request-invalid',
        names: 'correction',
      },
      {
        when: 'it says it twice',
        body: { ...given, fit: stretch },
        status: 400,
        code: 'request-invalid',
        names: 'fit',
      },
      {
        when: 'the slope is 0',
        body: { ...given, correction: { coefficients: [3, 0] } },
        status: 400,
        code: 'calibration-invalid',
      },
      {
        when: 'the time is none',
        body: { ...given, from: 'yesterday' },
        status: 400,
        code: 'time-invalid',
        names: 'from',
      },
      { when: 'it ends before it begins', body: { ...given, to: '2026-01-04' }, status: 400, code: 'span-invalid' },
      { when: 'nobody answers for it', body: { ...given, author: ' ' }, status: 400, code: 'name-invalid' },
    ],
  },
  {
    route: 'POST /api/v1/devices/:id/calibrations/fit',
    scope: 'manage',
    path: `${path}/fit`,
    body: { quantity: 'no2', ...stretch },
    status: 200,
    has: ['unit', 'fit', 'pairs'],
    faults: [
      nobody('/api/v1/devices/nobody/calibrations/fit', { quantity: 'no2', ...stretch }),
      {
        when: 'there is no such reference',
        body: { quantity: 'no2', ...stretch, reference: { device: 'nobody' } },
        status: 404,
        code: 'device-unknown',
      },
      {
        when: 'they speak of different things',
        body: { quantity: 'no2', ...stretch, reference: { device: 'station-1', quantity: 'temperature' } },
        status: 400,
        code: 'calibration-invalid',
      },
      {
        when: 'the stretch has too few hours',
        body: { quantity: 'no2', ...stretch, to: '2026-01-05T23:00:00Z' },
        status: 400,
        code: 'fit-impossible',
        names: '23 hours',
      },
      {
        when: 'the stretch ends before it begins',
        body: { quantity: 'no2', ...stretch, to: '2026-01-04' },
        status: 400,
        code: 'span-invalid',
      },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/calibrations/:quantity/:version/plot',
    scope: 'read',
    path: `${path}/no2/3/plot`,
    status: 200,
    faults: [
      {
        when: 'there is no such device',
        path: '/api/v1/devices/nobody/calibrations/no2/3/plot',
        status: 404,
        code: 'device-unknown',
      },
      { when: 'there is no such calibration', path: `${path}/no2/99/plot`, status: 404, code: 'calibration-unknown' },
      { when: 'it was fitted to no stretch', path: `${path}/no2/2/plot`, status: 404, code: 'fit-unknown' },
      {
        when: 'the version is none',
        path: `${path}/no2/last/plot`,
        status: 400,
        code: 'request-invalid',
        names: 'version',
      },
    ],
  },
  {
    route: 'POST /api/v1/devices/:id/calibrations/:quantity/:version/withdraw',
    scope: 'manage',
    path: `${path}/no2/2/withdraw`,
    status: 200,
    has: ['id', 'withdrawnAt'],
    faults: [
      {
        when: 'there is no such calibration',
        path: `${path}/no2/99/withdraw`,
        status: 404,
        code: 'calibration-unknown',
      },
      { when: 'it is withdrawn already', path: `${path}/no2/1/withdraw`, status: 409, code: 'calibration-withdrawn' },
    ],
  },
];
