import { Type, type Static } from 'typebox';
import { iso, NotFound } from '../../device-profiles/vocabulary/index.ts';
import { routeKey, routeKinds } from '../../infra/heard/contract.ts';
import type { Http } from '../../infra/http/server.ts';
import { onlyLink } from '../../infra/radio/alone.ts';
import type { Link } from '../../infra/radio/contract.ts';
import type { FleetNow } from '../now/fleet.ts';
import { gatewayStates, gatewayNow, type GatewayNow } from '../now/gateways.ts';
import type { RouteNow } from '../now/routes.ts';
import { fairHearing } from '../now/rules.ts';
import { gatewayDetail, linkedOut, linkedTo, todayOf } from '../radio/gateway.ts';
import {
  DeviceRadioOut,
  eventOut,
  GatewayDetailOut,
  LinkedDeviceOut,
  RadioOrNull,
  radioOut,
  strengthOut,
} from '../radio/wire.ts';
import { isoOrNull, oneOf, timeOrNull } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { deviceOf } from './device-shapes.ts';
import { linkNext, Next, pageOf, pageQuery } from './paging.ts';
import type { ApiParts } from './parts.ts';

const tags = ['gateways'];

const GatewayOut = closed({
  kind: oneOf(routeKinds, {
    description:
      '`lorawan-gateway`, `gateway-device` (an edge box), `broker` (an external one), ' +
      '`door` (devices that speak to us themselves)',
  }),
  id: Type.String({ description: "The gateway's id, or the connector" }),
  state: oneOf(gatewayStates, {
    description:
      'Of a radio gateway as docs/gateways.md says, of others by the rules for a sensor, with the shortest interval ' +
      'of its sensors',
  }),
  heardAt: timeOrNull('When anything last came by it; null while nothing has'),
  devices: Type.Integer({
    description: 'Registered devices that a radio gateway hears; of others, sensors in the street lately heard by it',
  }),
  unheard: Type.Integer({ description: 'Sensors in the street that were lately heard by it, and are late or silent' }),
  radio: RadioOrNull,
});

const params = closed({ id: Type.String({ description: 'Id of a radio gateway, such as its EUI' }) });

/** Gateways, and what the radio network says of devices. docs/gateways.md says how each figure is made. */
export const gatewayRoutes = (api: Http, parts: ApiParts): void => {
  listRoute(api, parts);
  oneRoute(api, parts);
  nameRoute(api, parts);
  devicesRoute(api, parts);
  deviceRoute(api, parts);
};

/** @throws NotFound (`gateway-unknown`) */
const gatewayOf = ({ gateways }: FleetNow, id: string): GatewayNow => {
  const gateway = gateways.get(id.toLowerCase()) ?? gateways.get(id);
  if (gateway === undefined)
    throw new NotFound('gateway-unknown', `no radio gateway ${JSON.stringify(id.slice(0, 80))} was ever heard of`);
  return gateway;
};

/** A gateway, edge box, broker or door, as the list has it. */
interface Row {
  readonly kind: RouteNow['kind'];
  readonly name: string;
  readonly route: RouteNow | undefined;
}

const rowsOf = ({ routes, gateways }: FleetNow): readonly Row[] => {
  const inUse = [...routes.values()].filter(({ devices }) => devices > 0);
  const listed = new Set(inUse.map(routeKey));
  return [
    ...inUse.map((route): Row => ({ kind: route.kind, name: route.name, route })),
    ...[...gateways.keys()]
      .map((name): Row => ({ kind: 'lorawan-gateway', name, route: undefined }))
      .filter((row) => !listed.has(routeKey(row))),
  ];
};

const rowOut = (
  { kind, name, route }: Row,
  {
    fleet,
    alone,
    counts,
    radio,
  }: {
    readonly fleet: FleetNow;
    readonly alone: ReadonlyMap<string, readonly Link[]>;
    readonly counts: ReadonlyMap<string, number>;
    readonly radio: ApiParts['radio'];
  },
): readonly Static<typeof GatewayOut>[] => {
  const behind = { kind, id: name, devices: route?.devices ?? 0, unheard: route?.unheard ?? 0 };
  const gateway = kind === 'lorawan-gateway' ? fleet.gateways.get(name) : undefined;
  if (gateway !== undefined) {
    const more = { today: todayOf(name, radio, fleet), onlyHere: alone.get(name)?.length ?? 0 };
    const heardAt = isoOrNull(gateway.known.heardAt);
    return [
      { ...behind, devices: counts.get(name) ?? 0, state: gateway.state, heardAt, radio: radioOut(gateway, more) },
    ];
  }
  const newest = route?.newest[0];
  if (route === undefined || newest === undefined) return [];
  const state = fairHearing({ heardAt: newest.at, everyMs: route.everyMs, createdAt: newest.at }, fleet);
  return [{ ...behind, state, heardAt: iso(newest.at), radio: null }];
};

const listRoute = (api: Http, { now, radio, may }: ApiParts): void => {
  api.get(
    '/gateways',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listGateways',
        summary: 'By which gateways, brokers and doors sensors are heard',
        description: 'In order of kind and id. Needs `read`.',
        querystring: closed(pageQuery),
        response: {
          200: closed({ gateways: Type.Array(GatewayOut), next: Next }, { description: 'A page of gateways' }),
          ...problems(),
        },
      },
    },
    (request, reply) => {
      const fleet = now.fleet();
      const alone = radio.alone();
      const counts = radio.linkCounts();
      const { page, next } = pageOf(rowsOf(fleet), routeKey, request.query);
      const gateways = page.flatMap((row) => rowOut(row, { fleet, alone, counts, radio }));
      return { gateways, next: linkNext(request, reply, next) };
    },
  );
};

const oneRoute = (api: Http, { now, radio, may }: ApiParts): void => {
  api.get(
    '/gateways/:id',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'getGateway',
        summary: 'One radio gateway: its days, and how busy its channels are',
        description: 'Needs `read`.',
        params,
        response: { 200: GatewayDetailOut, ...problems(404) },
      },
    },
    ({ params: { id } }) => {
      const fleet = now.fleet();
      return gatewayDetail(gatewayOf(fleet, id), radio, fleet);
    },
  );
};

const nameRoute = (api: Http, { now, radio, may, changesBy }: ApiParts): void => {
  const textOrGone = Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 200 });
  const degreesOrGone = (most: number) =>
    Type.Optional(Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: -most, maximum: most }));
  api.patch(
    '/gateways/:id',
    {
      ...may.manage,
      schema: {
        tags,
        operationId: 'changeGateway',
        summary: 'Name a radio gateway, or say where it stands',
        description:
          'What is given goes before what its network says of it; null takes it back. Only what is given changes. ' +
          'Needs `manage`.',
        params,
        body: Type.Object(
          { name: Type.Optional(textOrGone), latitude: degreesOrGone(90), longitude: degreesOrGone(180) },
          { additionalProperties: false, minProperties: 1 },
        ),
        response: { 200: GatewayDetailOut, ...problems(404) },
      },
    },
    async (request, reply) => {
      const { gateway } = gatewayOf(now.fleet(), request.params.id).known;
      await changesBy(request).updateGateway(gateway, request.body);
      const known = radio.gateway(gateway);
      const fleet = now.fleet();
      if (known === undefined) throw new NotFound('gateway-unknown', 'the gateway has made room for others meanwhile');
      return reply.send(gatewayDetail(gatewayNow(known, fleet), radio, fleet));
    },
  );
};

const devicesRoute = (api: Http, { now, radio, registry, may }: ApiParts): void => {
  api.get(
    '/gateways/:id/devices',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'listGatewayDevices',
        summary: 'The devices that a radio gateway hears, and how well',
        description: 'In order of id. Needs `read`.',
        params,
        querystring: closed({
          ...pageQuery,
          alone: Type.Optional(
            Type.Boolean({ description: 'Only devices that no other gateway hears, or only others' }),
          ),
        }),
        response: {
          200: closed({ devices: Type.Array(LinkedDeviceOut), next: Next }, { description: 'A page of devices' }),
          ...problems(404),
        },
      },
    },
    (request, reply) => {
      const { gateway } = gatewayOf(now.fleet(), request.params.id).known;
      const { alone } = request.query;
      const linked = linkedTo(gateway, radio, registry).filter((one) => alone === undefined || one.alone === alone);
      const { page, next } = pageOf(linked, ({ device }) => device.id, request.query);
      return { devices: page.map(linkedOut), next: linkNext(request, reply, next) };
    },
  );
};

const deviceRoute = (api: Http, { registry, radio, may }: ApiParts): void => {
  api.get(
    '/devices/:id/radio',
    {
      ...may.read,
      schema: {
        tags,
        operationId: 'getDeviceRadio',
        summary: 'Which gateways hear a device, and what its network says of it',
        description: 'Needs `read`.',
        params: closed({ id: Type.String({ description: 'Id of the device' }) }),
        response: { 200: DeviceRadioOut, ...problems(404) },
      },
    },
    async (request, reply) => {
      const device = deviceOf(registry, request.params.id);
      const links = radio.linksOf(device.id);
      const events = device.devEui === undefined ? [] : await radio.events(device.devEui);
      return reply.send({
        gateways: links.map((link) => ({
          id: link.gateway,
          name: radio.gateway(link.gateway)?.name ?? null,
          ...strengthOut(link),
        })),
        alone: onlyLink(links)?.gateway ?? null,
        events: events.map(eventOut),
      });
    },
  );
};
