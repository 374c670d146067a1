import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { faultScript, type FaultScript, type There } from './faults.ts';

type Fields = Record<string, unknown>;
const Body = Type.Object({
  end_device: Type.Object({
    ids: Type.Object({
      device_id: Type.String(),
      dev_eui: Type.Optional(Type.String()),
      join_eui: Type.Optional(Type.String()),
    }),
  }),
  field_mask: Type.Optional(Type.Object({ paths: Type.Array(Type.String()) })),
});
const Push = Type.Object({
  downlinks: Type.Array(
    Type.Object({
      f_port: Type.Integer(),
      frm_payload: Type.String(),
      confirmed: Type.Optional(Type.Boolean()),
      correlation_ids: Type.Array(Type.String()),
    }),
  ),
});

/** A The Things Stack that speaks its HTTP API, as far as registering devices goes: four registries of one device. */
export interface ThingsStackServer {
  readonly url: string;
  readonly key: string;
  readonly applicationId: string;
  readonly faults: FaultScript;
  /** By device id, in each registry. */
  readonly registries: Readonly<Record<'is' | 'js' | 'ns' | 'as', Map<string, Fields>>>;
  readonly queues: Map<string, Static<typeof Push>['downlinks']>;
  /** DevEUIs that other applications have. */
  readonly elsewhere: Set<string>;
  addDevice(device: {
    readonly id: string;
    readonly devEui: string;
    readonly joinEui?: string;
    readonly name?: string;
    readonly model?: readonly [string, string];
    readonly attributes?: Readonly<Record<string, string>>;
  }): void;
  readonly there: (devEui: string) => There | undefined;
  /** Its list answers its first page whatever page is asked for. */
  endless: boolean;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

const text = (fields: Fields | undefined, name: string): string => {
  const value = fields?.[name];
  return typeof value === 'string' ? value : '';
};
const Ids = Type.Object({
  ids: Type.Object({ dev_eui: Type.Optional(Type.String()), join_eui: Type.Optional(Type.String()) }),
});
const Attributes = Type.Object({ attributes: Type.Record(Type.String(), Type.String()) });
const RootKeys = Type.Object({ root_keys: Type.Object({ app_key: Type.Object({ key: Type.String() }) }) });

export const openThingsStackServer = async (): Promise<ThingsStackServer> => {
  const key = 'NNSXS.A-KEY-THAT-NO-LOG-MAY-HOLD';
  const applicationId = 'kerbside-street';
  const faults = faultScript();
  const registries = {
    is: new Map<string, Fields>(),
    js: new Map<string, Fields>(),
    ns: new Map<string, Fields>(),
    as: new Map<string, Fields>(),
  };
  const queues: ThingsStackServer['queues'] = new Map();
  const elsewhere = new Set<string>();
  let port = 0;
  let running: FastifyInstance | undefined;

  const euiOf = (fields: Fields): string => (Value.Check(Ids, fields) ? (fields.ids.dev_eui ?? '') : '').toLowerCase();
  const refused = (reply: FastifyReply, status: number, code: number, name: string): FastifyReply =>
    reply
      .status(status)
      .send({ code, message: `error:pkg/identityserver/store:${name} (as the real one words it)`, details: [] });
  /** Fields that the mask names; what is empty is left out, as The Things Stack does. */
  const masked = (fields: Fields, mask: string | undefined): Fields => {
    const wanted = new Set(['ids', ...(mask?.split(',') ?? [])]);
    return Object.fromEntries(
      Object.entries(fields).filter(
        ([name, value]) => wanted.has(name) && value !== '' && JSON.stringify(value) !== '{}',
      ),
    );
  };

  const build = (): FastifyInstance => {
    const app = Fastify({ forceCloseConnections: true });
    const route = (
      method: 'GET' | 'POST' | 'PUT' | 'DELETE',
      path: string,
      {
        name,
        work,
      }: { readonly name: string; readonly work: (request: FastifyRequest, reply: FastifyReply) => unknown },
    ): void => {
      app.route({
        method,
        url: `/api/v3${path}`,
        handler: async (request, reply) => {
          faults.calls.push(name);
          const fault = faults.next(name);
          if (request.headers.authorization !== `Bearer ${key}`) return refused(reply, 401, 16, 'unauthenticated');
          if (fault === 'unavailable') return refused(reply, 503, 14, 'unavailable');
          if (fault === 'internal')
            return faults.words === undefined
              ? refused(reply, 500, 13, 'internal')
              : reply.status(500).send({ code: 13, message: faults.words });
          if (fault === 'silence') return reply.hijack();
          if (fault === 'answer-lost') {
            // The work is done on a reply that nobody sees.
            work(request, silent(reply));
            return reply.hijack();
          }
          return work(request, reply);
        },
      });
    };
    const idOf = (request: FastifyRequest): string =>
      text(Value.Check(Type.Record(Type.String(), Type.Unknown()), request.params) ? request.params : undefined, 'id');
    const maskOf = (request: FastifyRequest): string | undefined => {
      const mask = text(
        Value.Check(Type.Record(Type.String(), Type.Unknown()), request.query) ? request.query : undefined,
        'field_mask',
      );
      return mask === '' ? undefined : mask;
    };
    const base = `/applications/${applicationId}/devices`;
    route('POST', base, {
      name: 'POST is',
      work: (request, reply) => {
        if (!Value.Check(Body, request.body)) return refused(reply, 400, 3, 'invalid');
        const { end_device: device } = request.body;
        const eui = (device.ids.dev_eui ?? '').toLowerCase();
        if (registries.is.has(device.ids.device_id)) return refused(reply, 409, 6, 'id_taken');
        if (elsewhere.has(eui) || [...registries.is.values()].some((one) => euiOf(one) === eui))
          return refused(reply, 409, 6, 'end_device_euis_taken');
        registries.is.set(device.ids.device_id, { ...device });
        return reply.send(device);
      },
    });
    route('GET', base, {
      name: 'LIST is',
      work: (request, reply) => {
        const query = new URL(request.url, 'http://x').searchParams;
        const [limit, page] = [Number(query.get('limit')), Number(query.get('page'))];
        const all = [...registries.is]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([, device]) => masked(device, maskOf(request)));
        return reply.send({
          end_devices: server.endless ? all.slice(0, limit) : all.slice((page - 1) * limit, page * limit),
        });
      },
    });
    for (const registry of ['is', 'js', 'ns', 'as'] as const) {
      const devices = registries[registry];
      const path = `${registry === 'is' ? '' : `/${registry}`}${base}/:id`;
      route('GET', path, {
        name: `GET ${registry}`,
        work: (request, reply) => {
          const device = devices.get(idOf(request));
          return device === undefined
            ? refused(reply, 404, 5, 'not_found')
            : reply.send(masked(device, maskOf(request)));
        },
      });
      route('PUT', path, {
        name: `PUT ${registry}`,
        work: (request, reply) => {
          if (!Value.Check(Body, request.body)) return refused(reply, 400, 3, 'invalid');
          const { end_device: device, field_mask: mask } = request.body;
          const known = devices.get(idOf(request));
          // Only the Identity Server knows "not there": the others set.
          if (registry === 'is' && known === undefined) return refused(reply, 404, 5, 'not_found');
          const fields: Fields = { ...device };
          const named = new Set(['ids', ...(mask?.paths ?? [])]);
          devices.set(idOf(request), {
            ...known,
            ...Object.fromEntries(Object.entries(fields).filter(([name]) => named.has(name))),
          });
          return reply.send(device);
        },
      });
      if (registry !== 'is')
        route('DELETE', path, {
          name: `DELETE ${registry}`,
          work: (request, reply) =>
            devices.delete(idOf(request)) ? reply.send({}) : refused(reply, 404, 5, 'not_found'),
        });
    }
    route('POST', `/as${base}/:id/down/push`, {
      name: 'PUSH',
      work: (request, reply) => {
        if (!Value.Check(Push, request.body)) return refused(reply, 400, 3, 'invalid');
        if (!registries.as.has(idOf(request))) return refused(reply, 404, 5, 'not_found');
        queues.set(idOf(request), [...(queues.get(idOf(request)) ?? []), ...request.body.downlinks]);
        return reply.send({});
      },
    });
    route('GET', `/as${base}/:id/down`, {
      name: 'QUEUE',
      work: (request, reply) => reply.send({ downlinks: queues.get(idOf(request)) ?? [] }),
    });
    return app;
  };
  /** A reply whose sending is nobody's business. */
  const silent = (reply: FastifyReply): FastifyReply =>
    new Proxy(reply, {
      get: (_, name, receiver: unknown) => (name === 'send' || name === 'status' ? () => receiver : undefined),
    });

  const server: ThingsStackServer = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    key,
    applicationId,
    faults,
    registries,
    queues,
    elsewhere,
    endless: false,
    addDevice: ({ id, devEui, joinEui = '0000000000000001', name = '', model, attributes = {} }) => {
      const ids = { device_id: id, dev_eui: devEui.toUpperCase(), join_eui: joinEui.toUpperCase() };
      registries.is.set(id, {
        ids,
        name,
        attributes: { ...attributes },
        ...(model === undefined ? {} : { version_ids: { brand_id: model[0], model_id: model[1] } }),
      });
      registries.js.set(id, { ids, root_keys: { app_key: { key: 'F'.repeat(32) } } });
      registries.ns.set(id, { ids, lorawan_version: 'MAC_V1_0_4' });
      registries.as.set(id, { ids });
    },
    there: (devEui) => {
      const found = [...registries.is].find(([, one]) => euiOf(one) === devEui);
      if (found === undefined) return undefined;
      const [id, device] = found;
      const js = registries.js.get(id);
      return {
        name: text(device, 'name'),
        joinEui: (Value.Check(Ids, device) ? (device.ids.join_eui ?? '') : '').toLowerCase(),
        enabled: registries.ns.has(id) && registries.as.has(id) && js !== undefined,
        silent: !registries.ns.has(id) && !registries.as.has(id),
        tags: Value.Check(Attributes, device) ? device.attributes : {},
        appKey: Value.Check(RootKeys, js) ? js.root_keys.app_key.key : '',
      };
    },
    stop: async () => running?.close(),
    start: async () => {
      running = build();
      await running.listen({ host: '127.0.0.1', port });
      const address = running.server.address();
      if (typeof address === 'object' && address !== null) port = address.port;
    },
  };
  await server.start();
  return server;
};
