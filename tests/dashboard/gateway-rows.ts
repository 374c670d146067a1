import { badCursor, badPage, noDevice, noGateway } from './route-faults.ts';
import type { Row } from './route-row.ts';

/** Gateways, and the radio of devices. */
export const gatewayRows: readonly Row[] = [
  {
    route: 'GET /api/v1/gateways',
    scope: 'read',
    path: '/api/v1/gateways',
    status: 200,
    has: ['gateways', 'next'],
    faults: [...badPage, badCursor],
  },
  {
    route: 'GET /api/v1/gateways/:id',
    scope: 'read',
    path: '/api/v1/gateways/00800000a00016b6',
    status: 200,
    has: ['id', 'state', 'today', 'days', 'channels', 'subBands', 'onlyHere'],
    faults: [noGateway('/api/v1/gateways/nobody')],
  },
  {
    route: 'PATCH /api/v1/gateways/:id',
    scope: 'manage',
    path: '/api/v1/gateways/00800000a00016b6',
    body: { name: 'Town hall', latitude: 53.4, longitude: -2.15 },
    status: 200,
    has: ['id', 'name', 'latitude', 'longitude'],
    faults: [
      { ...noGateway('/api/v1/gateways/nobody'), body: { name: 'x' } },
      { when: 'nothing is to change', body: {}, status: 400, code: 'request-invalid' },
      { when: 'a key is not known', body: { altitude: 3 }, status: 400, code: 'request-invalid', names: 'altitude' },
      { when: 'the name is none', body: { name: ' ' }, status: 400, code: 'name-invalid' },
      { when: 'half of the position is missing', body: { latitude: 53 }, status: 400, code: 'position-invalid' },
      {
        when: 'the latitude is a text',
        body: { latitude: '53' },
        status: 400,
        code: 'request-invalid',
        names: 'the field latitude of the body must be',
      },
    ],
  },
  {
    route: 'GET /api/v1/gateways/:id/devices',
    scope: 'read',
    path: '/api/v1/gateways/00800000a00016b6/devices',
    status: 200,
    has: ['devices', 'next'],
    faults: [
      noGateway('/api/v1/gateways/nobody/devices'),
      ...badPage,
      badCursor,
      { when: 'alone is no yes or no', path: '?alone=perhaps', status: 400, code: 'request-invalid', names: 'alone' },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/radio',
    scope: 'read',
    path: '/api/v1/devices/aq-1/radio',
    status: 200,
    has: ['gateways', 'alone', 'events'],
    faults: noDevice('/api/v1/devices/nobody/radio'),
  },
];
