import { Type, type Static } from 'typebox';
import { iso } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import {
  networkFaults,
  networkNames,
  networkStates,
  networkWishes,
  type NetworkDevice,
} from '../../infra/network-server/contract.ts';
import { inventoryFields, inventoryVerdicts, type InventoryEntry } from '../../infra/network-server/inventory.ts';
import { oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import type { ApiParts } from './parts.ts';

const tags = ['network servers'];
const Name = closed({ name: Type.String({ description: '`chirpstack` or `things-stack`' }) });

const NetworkOut = closed({
  name: oneOf(networkNames),
  url: Type.String(),
  application: Type.String({ description: 'The application of ours there' }),
  done: Type.Integer({ description: 'Devices that are there as Kerbside says' }),
  pending: Type.Integer(),
  failed: Type.Integer({ description: 'Devices whose last try failed; they are tried again' }),
});

const NetworkDeviceOut = closed({
  device: Type.String(),
  devEui: Type.String(),
  wanted: oneOf(networkWishes),
  state: oneOf(networkStates),
  reason: Type.Unsafe<NetworkDevice['reason'] | null>({
    type: ['string', 'null'],
    enum: [...networkFaults, null],
    description: 'Of the last try',
  }),
  detail: textOrNull({
    description:
      'For a person: what was wrong, and what to do, with words of the network server. Null without `manage`',
  }),
  attempts: Type.Integer({ description: 'Tries in a row that failed' }),
  changedAt: time('Since when it has that state'),
  nextAt: timeOrNull('When it is tried again'),
});

const UnsettledOut = closed({
  device: Type.String(),
  devEui: Type.String(),
  why: Type.String({ description: 'For a person, with what to do' }),
});

const EntryOut = closed({
  devEui: Type.String(),
  verdict: oneOf(inventoryVerdicts),
  device: textOrNull({ description: 'Its id here' }),
  remote: textOrNull({ description: 'What the network server calls it' }),
  name: Type.String(),
  hasKeys: Type.Boolean({ description: 'Kerbside has the keys to register it' }),
  differences: Type.Array(closed({ field: oneOf(inventoryFields), here: textOrNull({}), there: textOrNull({}) })),
});
const entryOut = ({
  devEui,
  verdict,
  device,
  remote,
  name,
  hasKeys,
  differences,
}: InventoryEntry): Static<typeof EntryOut> => ({
  devEui,
  verdict,
  device: device ?? null,
  remote: remote ?? null,
  name,
  hasKeys,
  differences: differences.map((each) => ({ ...each })),
});

const Unreadable = Type.Integer({
  description: "Rows of the network server's list that cannot be read, and are left out",
});
const DryRun = Type.Boolean({ description: 'True: says what would be done, and does nothing' });
const PassOut = Type.Union([
  closed({ done: Type.Integer(), failed: Type.Integer(), waiting: Type.Integer({ description: 'Left for later' }) }),
  Type.Null({ description: 'It was a dry run' }),
]);

/** LoRaWAN network servers: what is registered there, and the two sides brought together. */
export const networkServerRoutes = (api: Http, parts: ApiParts): void => {
  // Requests that wait for a network server would keep the door open that is to be closed.
  api.addHook('preClose', (done) => {
    parts.networks.close();
    done();
  });
  looking(api, parts);
  bringing(api, parts);
};

const looking = (api: Http, { networks, may }: ApiParts): void => {
  api.get(
    '/network-servers',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listNetworkServers',
        summary: 'The network servers that are set up',
        description: 'Needs `read`.',
        response: {
          200: closed(
            {
              networkServers: Type.Array(NetworkOut),
              unsettled: Type.Array(UnsettledOut, {
                description:
                  'Devices that are left as they are there until a person has said where they belong, or given their key',
              }),
            },
            { description: 'All of them' },
          ),
          ...problems(),
        },
      },
    },
    async () => ({ networkServers: [...(await networks.summaries())], unsettled: [...(await networks.unsettled())] }),
  );
  api.get(
    '/network-servers/:name/devices',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listNetworkServerDevices',
        summary: 'How devices are in a network server',
        description: 'Those that Kerbside registered or adopted, in order of DevEUI. Needs `read`.',
        params: Name,
        response: {
          200: closed({ devices: Type.Array(NetworkDeviceOut) }, { description: 'All of them' }),
          ...problems(404),
        },
      },
    },
    async (request) => ({
      devices: (await networks.devices(request.params.name)).map(networkDeviceOut(may.manages(request))),
    }),
  );
  api.get(
    '/network-servers/:name/inventory',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'compareNetworkServer',
        summary: 'What each side has that the other lacks',
        description: 'Asks the network server for all its devices. Needs `manage`.',
        params: Name,
        response: {
          200: closed({ devices: Type.Array(EntryOut), unreadable: Unreadable }, { description: 'In order of DevEUI' }),
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const { entries, unreadable } = await networks.inventory(request.params.name, { signal: gone.signal });
      return { devices: entries.map(entryOut), unreadable };
    },
  );
};

const networkDeviceOut =
  (withDetail: boolean) =>
  ({
    device,
    devEui,
    wanted,
    state,
    reason,
    detail,
    attempts,
    changedAt,
    nextAt,
  }: NetworkDevice): Static<typeof NetworkDeviceOut> => ({
    device,
    devEui,
    wanted,
    state,
    reason: reason ?? null,
    detail: withDetail ? (detail ?? null) : null,
    attempts,
    changedAt: iso(changedAt),
    nextAt: nextAt === undefined ? null : iso(nextAt),
  });

const bringing = (api: Http, { networks, may, changesBy }: ApiParts): void => {
  api.post(
    '/network-servers/:name/sync',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'syncNetworkServer',
        summary: 'Bring a network server to where Kerbside is',
        description:
          'Registers, changes and disables devices there; what only the network server has stays. Needs `manage`.',
        params: Name,
        body: closed({ dryRun: DryRun }),
        response: {
          200: closed(
            { devices: Type.Array(EntryOut), unreadable: Unreadable, done: PassOut },
            { description: 'What differed, and what was done' },
          ),
          ...problems(404),
        },
      },
    },
    async (request) => {
      const { entries, unreadable, done } = await networks.sync(request.params.name, changesBy(request), request.body);
      return { devices: entries.map(entryOut), unreadable, done: done ?? null };
    },
  );
  api.post(
    '/network-servers/:name/adopt',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'adoptFromNetworkServer',
        summary: 'Register here what only the network server has',
        description:
          'In bulk; the devices that can be, whatever is wrong with others. Their keys stay there. Needs `manage`.',
        params: Name,
        body: closed({
          dryRun: DryRun,
          profiles: Type.Optional(
            Type.Record(Type.String(), Type.String(), {
              description: 'What the network server calls a model, or a DevEUI, and which profile here it is',
            }),
          ),
        }),
        response: {
          200: closed(
            {
              devices: Type.Array(
                closed({
                  devEui: Type.String(),
                  remote: Type.String(),
                  name: Type.String(),
                  outcome: oneOf(['adopted', 'bad', 'skipped'] as const, {
                    description: '`skipped`: it is disabled there',
                  }),
                  device: textOrNull({}),
                  profile: textOrNull({}),
                  faults: Type.Array(closed({ reason: Type.String(), detail: Type.String() })),
                }),
              ),
            },
            { description: 'What became, or would become, of each' },
          ),
          ...problems(404),
        },
      },
    },
    async (request) => {
      const { dryRun, profiles = {} } = request.body;
      const named = new Map(Object.entries(profiles).map(([model, profile]) => [model.trim().toLowerCase(), profile]));
      const devices = await networks.adopt(request.params.name, changesBy(request), { dryRun, profiles: named });
      return {
        devices: devices.map(({ faults, ...one }) => ({
          ...one,
          faults: faults.map(({ reason, detail }) => ({ reason, detail })),
        })),
      };
    },
  );
};
