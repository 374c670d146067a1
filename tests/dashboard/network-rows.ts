import { openThingsStackServer, type ThingsStackServer } from '../lorawan/register/things-stack-server.ts';
import type { House } from './house.ts';
import type { Fault, Row } from './route-row.ts';

/** A network server for the rows below, and how the house is told of it. */
export const openNetworkForRows = async (): Promise<{
  readonly server: ThingsStackServer;
  readonly env: Readonly<Record<string, string>>;
}> => {
  const server = await openThingsStackServer();
  server.addDevice({ id: 'by-hand', devEui: '70b3d57ed00000aa', name: 'By hand', model: ['milesight-iot', 'vs351'] });
  return {
    server,
    env: {
      KERBSIDE_THINGS_STACK_REGISTER_DEVICES: 'true',
      KERBSIDE_THINGS_STACK_API_URL: server.url,
      KERBSIDE_THINGS_STACK_API_KEY: server.key,
      KERBSIDE_THINGS_STACK_APPLICATION_ID: server.applicationId,
    },
  };
};

/** A device that can be given commands, and one that cannot. */
export const prepareNetworks = async ({ registry }: House): Promise<void> => {
  await registry.addDevice({ id: 'net-1', profile: 'milesight/vs133', devEui: '70b3d57ed00000bb' });
};

const unknown = (path: string, body?: unknown): Fault => ({
  when: 'there is no such network server',
  path,
  ...(body === undefined ? {} : { body }),
  status: 404,
  code: 'network-unknown',
  names: 'things-stack',
});
const nobody: Fault = {
  when: 'there is no such device',
  path: '/api/v1/devices/nobody/downlinks',
  status: 404,
  code: 'device-unknown',
};
const base = '/api/v1/network-servers/things-stack';
const command = (
  when: string,
  body: unknown,
  fault: Pick<Fault, 'code' | 'status'> & { readonly names?: string },
): Fault => ({ when, body, ...fault });

export const networkRows: readonly Row[] = [
  {
    route: 'GET /api/v1/network-servers',
    scope: 'read',
    path: '/api/v1/network-servers',
    status: 200,
    has: ['networkServers', 'unsettled'],
  },
  {
    route: 'GET /api/v1/network-servers/:name/devices',
    scope: 'read',
    path: `${base}/devices`,
    status: 200,
    has: ['devices'],
    faults: [unknown('/api/v1/network-servers/helium/devices')],
  },
  {
    route: 'GET /api/v1/network-servers/:name/inventory',
    scope: 'manage',
    path: `${base}/inventory`,
    status: 200,
    has: ['devices'],
    faults: [unknown('/api/v1/network-servers/helium/inventory')],
  },
  {
    route: 'POST /api/v1/network-servers/:name/sync',
    scope: 'manage',
    path: `${base}/sync`,
    body: { dryRun: true },
    status: 200,
    has: ['devices', 'done'],
    faults: [
      unknown('/api/v1/network-servers/helium/sync', { dryRun: true }),
      {
        when: 'it does not say whether it is a trial',
        body: {},
        status: 400,
        code: 'request-invalid',
        names: 'dryRun',
      },
    ],
  },
  {
    route: 'POST /api/v1/network-servers/:name/adopt',
    scope: 'manage',
    path: `${base}/adopt`,
    body: { dryRun: true, profiles: { 'milesight-iot/vs351': 'milesight/vs351' } },
    status: 200,
    has: ['devices'],
    faults: [
      unknown('/api/v1/network-servers/helium/adopt', { dryRun: true }),
      {
        when: 'it does not say whether it is a trial',
        body: { profiles: {} },
        status: 400,
        code: 'request-invalid',
        names: 'dryRun',
      },
    ],
  },
  {
    route: 'GET /api/v1/devices/:id/downlinks',
    scope: 'manage',
    path: '/api/v1/devices/net-1/downlinks',
    status: 200,
    has: ['downlinks'],
    faults: [nobody],
  },
  {
    route: 'POST /api/v1/devices/:id/downlinks',
    scope: 'manage',
    path: '/api/v1/devices/net-1/downlinks',
    body: { data: { interval: 600 }, confirmed: true },
    status: 202,
    has: ['id', 'device', 'network', 'fPort', 'hex', 'confirmed', 'state', 'by'],
    faults: [
      { ...nobody, body: { data: { reboot: true } } },
      {
        when: 'the device is none of a network server',
        path: '/api/v1/devices/dep-1/downlinks',
        status: 409,
        code: 'dev-eui-missing',
      },
      command(
        'it is given twice',
        { hex: 'ff', fPort: 85, data: { reboot: true } },
        { status: 400, code: 'downlink-invalid' },
      ),
      command('there is no command', {}, { status: 400, code: 'downlink-invalid' }),
      command('the bytes are none', { hex: 'f', fPort: 85 }, { status: 400, code: 'downlink-invalid' }),
      command('the bytes have no port', { hex: 'ff10ff' }, { status: 400, code: 'downlink-invalid' }),
      command(
        'the port is for tests',
        { hex: 'ff10ff', fPort: 224 },
        { status: 400, code: 'request-invalid', names: 'fPort' },
      ),
      command(
        'the device has no such command',
        { data: { colour: 3 } },
        { status: 400, code: 'downlink-refused', names: 'colour' },
      ),
    ],
  },
];
