import type { House } from './house.ts';
import type { Row } from './route-row.ts';

const places = [
  { kind: 'site', route: 'sites', id: 'wrs-14' },
  { kind: 'device', route: 'devices', id: 'qc-1' },
] as const;
const settings = { quantities: { no2: { operator: [0, 300] } } };

/** What the rows below stand on: a device, and thresholds for it and for its site. */
export const prepareQuality = async ({ registry }: House): Promise<void> => {
  const { device } = await registry.addDevice({ id: 'qc-1', profile: 'kerbside/canonical', site: 'wrs-14' });
  await registry.setQuality({ kind: 'device', id: device.id }, settings);
  const site = registry.sites().find(({ id }) => id === 'wrs-14');
  if (site !== undefined) await registry.setQuality({ kind: 'site', id: site.id }, settings);
};

export const qualityRows: readonly Row[] = places.flatMap(({ kind, route, id }): Row[] => {
  const missing = [
    { when: `there is no such ${kind}`, path: `/api/v1/${route}/nobody/quality`, status: 404, code: `${kind}-unknown` },
    { when: 'the id can be none', path: `/api/v1/${route}/a%2Fb/quality`, status: 400, code: 'invalid-id' },
  ];
  const path = `/api/v1/${route}/${id}/quality`;
  return [
    {
      route: `GET /api/v1/${route}/:id/quality`,
      scope: 'read',
      path,
      status: 200,
      has: ['quantities'],
      faults: missing,
    },
    {
      route: `PUT /api/v1/${route}/:id/quality`,
      scope: 'manage',
      path,
      body: settings,
      status: 200,
      has: ['quantities'],
      faults: [
        ...missing,
        {
          when: 'a span is upside down',
          body: { quantities: { no2: { operator: [300, 0] } } },
          status: 400,
          code: 'quality-invalid',
          names: 'operator',
        },
        {
          when: 'a quantity does not exist',
          body: { quantities: { smell: {} } },
          status: 400,
          code: 'quality-invalid',
          names: 'smell',
        },
        {
          when: 'a test does not exist',
          body: { quantities: { no2: { smell: 1 } } },
          status: 400,
          code: 'request-invalid',
          names: 'smell',
        },
      ],
    },
  ];
});
