import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import applicationService from '@chirpstack/chirpstack-api/api/application_grpc_pb.js';
import applicationPb from '@chirpstack/chirpstack-api/api/application_pb.js';
import deviceService from '@chirpstack/chirpstack-api/api/device_grpc_pb.js';
import pb, { type Device, type DeviceKeys, type DeviceQueueItem } from '@chirpstack/chirpstack-api/api/device_pb.js';
import profileService from '@chirpstack/chirpstack-api/api/device_profile_grpc_pb.js';
import profilePb from '@chirpstack/chirpstack-api/api/device_profile_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { faultScript, type FaultScript, type There } from './faults.ts';

/** A ChirpStack of one tenant that speaks the published gRPC services, as far as registering devices goes. */
export interface ChirpStackServer {
  readonly url: string;
  readonly token: string;
  readonly applicationId: string;
  readonly faults: FaultScript;
  readonly devices: Map<string, Device>;
  readonly keys: Map<string, DeviceKeys>;
  readonly queues: Map<string, DeviceQueueItem[]>;
  /** Makes a device profile; answers its id. */
  addProfile(name: string, options?: { readonly tag?: string; readonly macVersion?: 3 | 5 }): string;
  /** Makes a device as a person would, there. */
  addDevice(device: {
    readonly devEui: string;
    readonly name: string;
    readonly profile: string;
    readonly application?: string;
    readonly key?: string;
    readonly joinEui?: string;
    readonly tags?: Readonly<Record<string, string>>;
  }): void;
  readonly there: (devEui: string) => There | undefined;
  /** The key of a tenant is not told whether a device is there that it may not see. */
  asTenantKey: boolean;
  /** Its lists answer their first page whatever page is asked for. */
  endless: boolean;
  /** Answers nobody any more; `start` on the same port. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

const TENANT = '52f14cd4-c6f1-4fbd-8f87-4025e1d49242';

class Refused extends Error {
  readonly code: number;
  constructor(code: number, details: string) {
    super(details);
    this.code = code;
  }
}

export const openChirpStackServer = async (): Promise<ChirpStackServer> => {
  const token = 'a-token-that-no-log-may-hold';
  const applicationId = randomUUID();
  const faults = faultScript();
  const devices = new Map<string, Device>();
  const keys = new Map<string, DeviceKeys>();
  const queues = new Map<string, DeviceQueueItem[]>();
  const profiles = new Map<string, InstanceType<typeof profilePb.DeviceProfile>>();
  let port = 0;
  let running: Server | undefined;

  /** A call with its faults around it. What is silent answers only when the client has long gone. */
  const handler =
    <Q, A>(name: string, work: (request: Q) => A) =>
    (call: ServerUnaryCall<Q, A>, done: sendUnaryData<A>): void => {
      faults.calls.push(name);
      const fault = faults.next(name);
      if (call.metadata.get('authorization')[0] !== `Bearer ${token}`)
        return done({ code: status.UNAUTHENTICATED, details: 'invalid token' });
      if (fault === 'unavailable') return done({ code: status.UNAVAILABLE, details: 'the database is away' });
      if (fault === 'internal') return done({ code: status.INTERNAL, details: faults.words ?? 'an inner error' });
      if (fault === 'silence') return;
      try {
        const answer = work(call.request);
        if (fault !== 'answer-lost') done(null, answer);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (fault !== 'answer-lost') done({ code: error.code, details: error.message });
      }
    };
  const empty = () => new emptyPb.Empty();
  const server: ChirpStackServer = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    token,
    applicationId,
    faults,
    devices,
    keys,
    queues,
    asTenantKey: true,
    endless: false,
    addProfile: (name, { tag, macVersion = 3 } = {}) => {
      const profile = new profilePb.DeviceProfile();
      profile.setId(randomUUID());
      profile.setName(name);
      profile.setTenantId(TENANT);
      profile.setMacVersion(macVersion);
      if (tag !== undefined) profile.getTagsMap().set('kerbside-profile', tag);
      profiles.set(profile.getId(), profile);
      return profile.getId();
    },
    addDevice: ({ devEui, name, profile, application = applicationId, key, joinEui = '', tags = {} }) => {
      const device = new pb.Device();
      device.setDevEui(devEui);
      device.setName(name);
      device.setApplicationId(application);
      device.setDeviceProfileId(profile);
      device.setJoinEui(joinEui);
      for (const [tag, value] of Object.entries(tags)) device.getTagsMap().set(tag, value);
      devices.set(devEui, device);
      if (key === undefined) return;
      const made = new pb.DeviceKeys();
      made.setDevEui(devEui);
      made.setNwkKey(key);
      keys.set(devEui, made);
    },
    there: (devEui) => {
      const device = devices.get(devEui);
      if (device === undefined) return undefined;
      return {
        name: device.getName(),
        joinEui: device.getJoinEui(),
        enabled: !device.getIsDisabled(),
        silent: device.getIsDisabled(),
        tags: Object.fromEntries(device.getTagsMap().toArray()),
        appKey: (keys.get(devEui)?.getNwkKey() ?? '').toUpperCase(),
      };
    },
    stop: async () => running?.forceShutdown(),
    start: async () => {
      running = build();
      port = await new Promise<number>((resolve, reject) => {
        running?.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
          error === null ? resolve(bound) : reject(error),
        );
      });
    },
  };
  const known = (devEui: string): Device => {
    const device = devices.get(devEui);
    if (device !== undefined) return device;
    throw server.asTenantKey
      ? new Refused(status.UNAUTHENTICATED, 'authentication failed: not authorized')
      : new Refused(status.NOT_FOUND, 'object does not exist');
  };
  const pageOf = <T>(rows: readonly T[], request: { getOffset(): number; getLimit(): number }): T[] => {
    const from = server.endless ? 0 : request.getOffset();
    return rows.slice(from, from + request.getLimit());
  };
  const given = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Refused(status.INVALID_ARGUMENT, 'something is missing');
    return value;
  };
  const build = (): Server => {
    const grpc = new Server();
    grpc.addService(deviceService.DeviceServiceService, {
      create: handler('Create', (request: InstanceType<typeof pb.CreateDeviceRequest>) => {
        const device = given(request.getDevice());
        if (!profiles.has(device.getDeviceProfileId()))
          throw new Refused(status.INVALID_ARGUMENT, 'no such device profile');
        if (devices.has(device.getDevEui())) throw new Refused(status.ALREADY_EXISTS, 'object already exists');
        devices.set(device.getDevEui(), device);
        return empty();
      }),
      get: handler('Get', (request: InstanceType<typeof pb.GetDeviceRequest>) => {
        const answer = new pb.GetDeviceResponse();
        answer.setDevice(known(request.getDevEui()));
        return answer;
      }),
      update: handler('Update', (request: InstanceType<typeof pb.UpdateDeviceRequest>) => {
        const device = given(request.getDevice());
        known(device.getDevEui());
        devices.set(device.getDevEui(), device);
        return empty();
      }),
      list: handler('List', (request: InstanceType<typeof pb.ListDevicesRequest>) => {
        const ours = [...devices.values()].filter((device) => device.getApplicationId() === request.getApplicationId());
        const answer = new pb.ListDevicesResponse();
        answer.setTotalCount(ours.length);
        answer.setResultList(
          pageOf(ours, request).map((device) => {
            const item = new pb.DeviceListItem();
            item.setDevEui(device.getDevEui());
            item.setName(device.getName());
            item.setDeviceProfileId(device.getDeviceProfileId());
            item.setDeviceProfileName(profiles.get(device.getDeviceProfileId())?.getName() ?? '');
            for (const [tag, value] of device.getTagsMap().toArray()) item.getTagsMap().set(tag, value);
            return item;
          }),
        );
        return answer;
      }),
      getKeys: handler('GetKeys', (request: InstanceType<typeof pb.GetDeviceKeysRequest>) => {
        known(request.getDevEui());
        const there = keys.get(request.getDevEui());
        if (there === undefined) throw new Refused(status.NOT_FOUND, 'object does not exist');
        const answer = new pb.GetDeviceKeysResponse();
        answer.setDeviceKeys(there);
        return answer;
      }),
      createKeys: handler('CreateKeys', (request: InstanceType<typeof pb.CreateDeviceKeysRequest>) => {
        const made = given(request.getDeviceKeys());
        known(made.getDevEui());
        if (keys.has(made.getDevEui())) throw new Refused(status.ALREADY_EXISTS, 'object already exists');
        keys.set(made.getDevEui(), made);
        return empty();
      }),
      updateKeys: handler('UpdateKeys', (request: InstanceType<typeof pb.UpdateDeviceKeysRequest>) => {
        const made = given(request.getDeviceKeys());
        keys.set(made.getDevEui(), made);
        return empty();
      }),
      enqueue: handler('Enqueue', (request: InstanceType<typeof pb.EnqueueDeviceQueueItemRequest>) => {
        const item = given(request.getQueueItem());
        known(item.getDevEui());
        item.setId(randomUUID());
        queues.set(item.getDevEui(), [...(queues.get(item.getDevEui()) ?? []), item]);
        const answer = new pb.EnqueueDeviceQueueItemResponse();
        answer.setId(item.getId());
        return answer;
      }),
      getQueue: handler('GetQueue', (request: InstanceType<typeof pb.GetDeviceQueueItemsRequest>) => {
        known(request.getDevEui());
        const answer = new pb.GetDeviceQueueItemsResponse();
        answer.setResultList(queues.get(request.getDevEui()) ?? []);
        return answer;
      }),
    });
    grpc.addService(profileService.DeviceProfileServiceService, {
      list: handler('ListProfiles', (request: InstanceType<typeof profilePb.ListDeviceProfilesRequest>) => {
        const answer = new profilePb.ListDeviceProfilesResponse();
        answer.setResultList(
          pageOf([...profiles.values()], request).map((profile) => {
            const item = new profilePb.DeviceProfileListItem();
            item.setId(profile.getId());
            item.setName(profile.getName());
            item.setMacVersion(profile.getMacVersion());
            return item;
          }),
        );
        return answer;
      }),
      get: handler('GetProfile', (request: InstanceType<typeof profilePb.GetDeviceProfileRequest>) => {
        const answer = new profilePb.GetDeviceProfileResponse();
        answer.setDeviceProfile(profiles.get(request.getId()));
        return answer;
      }),
    });
    grpc.addService(applicationService.ApplicationServiceService, {
      get: handler('GetApplication', (request: InstanceType<typeof applicationPb.GetApplicationRequest>) => {
        if (request.getId() !== applicationId)
          throw new Refused(status.UNAUTHENTICATED, 'authentication failed: not authorized');
        const application = new applicationPb.Application();
        application.setId(applicationId);
        application.setTenantId(TENANT);
        const answer = new applicationPb.GetApplicationResponse();
        answer.setApplication(application);
        return answer;
      }),
    });
    return grpc;
  };
  await server.start();
  return server;
};
