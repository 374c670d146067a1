import type { CallOptions, ClientUnaryCall, Metadata, requestCallback, ServiceError } from '@grpc/grpc-js';
import type { Device, DeviceKeys, DeviceListItem, DeviceQueueItem } from '@chirpstack/chirpstack-api/api/device_pb.js';
import type { DeviceProfile, DeviceProfileListItem } from '@chirpstack/chirpstack-api/api/device_profile_pb.js';
import { NetworkTrouble } from './trouble.ts';
import { sentenceWithout } from './words.ts';

/** What Kerbside asks of ChirpStack's gRPC API (api/device.proto, application.proto, device_profile.proto), in its own messages. */
export interface ChirpStackClient {
  newDevice(): Device;
  newKeys(): DeviceKeys;
  newQueueItem(): DeviceQueueItem;
  /** The tenant of an application. */
  tenantOf(application: string): Promise<string>;
  /** Undefined when there is none that our key may see. */
  device(devEui: string): Promise<Device | undefined>;
  /** `exists`: some application has that DevEUI. */
  createDevice(device: Device): Promise<'created' | 'exists'>;
  updateDevice(device: Device): Promise<void>;
  keys(devEui: string): Promise<DeviceKeys | undefined>;
  createKeys(keys: DeviceKeys): Promise<'created' | 'exists'>;
  updateKeys(keys: DeviceKeys): Promise<void>;
  devices(application: string, offset: number): Promise<readonly DeviceListItem[]>;
  profiles(tenant: string, offset: number): Promise<readonly DeviceProfileListItem[]>;
  profile(id: string): Promise<DeviceProfile | undefined>;
  /** @throws NetworkTrouble `network-device-missing`, as the next does, where the device is none that our key may see. */
  enqueue(item: DeviceQueueItem): Promise<string>;
  queue(devEui: string): Promise<readonly DeviceQueueItem[]>;
  close(): void;
}

/** A page of its list is a tenth of that. */
const ANSWER_AT_MOST_BYTES = 4 * 1_048_576;

/** Rows on a page of ChirpStack's lists. */
export const PAGE = 100;

export interface ChirpStackOptions {
  /** `http://host:8080` or `https://host`. */
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly applicationId: string;
  /** After so long without an answer a call is given up. */
  readonly timeoutMs?: number;
}

/** A method of a generated client, in the last of its forms. */
type Method<Request, Answer> = (
  request: Request,
  metadata: Metadata | null,
  options: CallOptions | null,
  done: requestCallback<Answer>,
) => ClientUnaryCall;

/** Opens the client; the first call connects. The libraries are loaded now and not before: they take 20 MB. */
export const connectChirpStack = async ({
  apiUrl,
  apiToken,
  applicationId,
  timeoutMs = 10_000,
}: ChirpStackOptions): Promise<ChirpStackClient> => {
  const grpc = await import('@grpc/grpc-js');
  const { default: deviceService } = await import('@chirpstack/chirpstack-api/api/device_grpc_pb.js');
  const { default: pb } = await import('@chirpstack/chirpstack-api/api/device_pb.js');
  const { default: profileService } = await import('@chirpstack/chirpstack-api/api/device_profile_grpc_pb.js');
  const { default: profilePb } = await import('@chirpstack/chirpstack-api/api/device_profile_pb.js');
  const { default: applicationService } = await import('@chirpstack/chirpstack-api/api/application_grpc_pb.js');
  const { default: applicationPb } = await import('@chirpstack/chirpstack-api/api/application_pb.js');

  const { host, protocol } = new URL(apiUrl);
  const address = host.includes(':') ? host : `${host}:${protocol === 'https:' ? 443 : 80}`;
  const security = protocol === 'https:' ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
  // A server that comes back is found within seconds, however long it was away.
  const options = { 'grpc.max_reconnect_backoff_ms': 5_000, 'grpc.max_receive_message_length': ANSWER_AT_MOST_BYTES };
  const devices = new deviceService.DeviceServiceClient(address, security, options);
  const profiles = new profileService.DeviceProfileServiceClient(address, security, options);
  const applications = new applicationService.ApplicationServiceClient(address, security, options);
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${apiToken}`);

  const { status } = grpc;
  const meanings: ReadonlyMap<number, (details: string) => NetworkTrouble> = new Map([
    [status.UNAVAILABLE, (details) => unavailable(apiUrl, details)],
    [
      status.DEADLINE_EXCEEDED,
      () => new NetworkTrouble('network-timeout', `ChirpStack took longer than ${timeoutMs} ms to answer`),
    ],
    [status.UNAUTHENTICATED, unauthorised],
    [status.PERMISSION_DENIED, unauthorised],
    // Its own client says this of an answer that is too large, beside a server that is asked too often.
    [
      status.RESOURCE_EXHAUSTED,
      (details) =>
        /larger than max/i.test(details)
          ? strange('an answer of more than 4 MB')
          : new NetworkTrouble('network-busy', `ChirpStack takes no more calls now: ${details}`),
    ],
    [
      status.NOT_FOUND,
      (details) => new NetworkTrouble('network-device-missing', `ChirpStack has no such thing: ${details}`),
    ],
    [status.INVALID_ARGUMENT, refused],
    [status.FAILED_PRECONDITION, refused],
    [status.OUT_OF_RANGE, refused],
    [status.ALREADY_EXISTS, refused],
  ]);
  const wordsOf = sentenceWithout(apiToken);
  const troubleOf = ({ code, details: said }: ServiceError): NetworkTrouble => {
    const details = wordsOf(said);
    return (
      meanings.get(code)?.(details) ??
      new NetworkTrouble('network-strange', `ChirpStack met trouble of its own (${code}): ${details}`)
    );
  };
  const underWay = new Set<ClientUnaryCall>();
  let closed = false;
  /** Makes a call; an error whose code is among `expected` is the answer undefined. */
  const ask = <Request, Answer>(
    method: Method<Request, Answer>,
    request: Request,
    ...expected: readonly number[]
  ): Promise<Answer | undefined> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new NetworkTrouble('network-unreachable', 'the connection to ChirpStack is closed'));
      const call = method(request, metadata, { deadline: Date.now() + timeoutMs }, (error, answer) => {
        underWay.delete(call);
        if (error === null) resolve(answer);
        else if (expected.includes(error.code)) resolve(undefined);
        else reject(troubleOf(error));
      });
      underWay.add(call);
    });
  const tenantOf = async (application: string): Promise<string> => {
    const request = new applicationPb.GetApplicationRequest();
    request.setId(application);
    const answer = await ask(applications.get.bind(applications), request);
    return answer?.getApplication()?.getTenantId() ?? '';
  };
  /**
   * With the key of a tenant ChirpStack says "unauthenticated" of a device that is not there: it looks for one that the
   * key may see and finds none. Whether the key is good at all, the application tells.
   */
  const askOfDevice = async <Request, Answer>(
    method: Method<Request, Answer>,
    request: Request,
  ): Promise<Answer | undefined> => {
    const answer = await ask(method, request, status.NOT_FOUND, status.UNAUTHENTICATED, status.PERMISSION_DENIED);
    if (answer === undefined) await tenantOf(applicationId);
    return answer;
  };
  return {
    newDevice: () => new pb.Device(),
    newKeys: () => new pb.DeviceKeys(),
    newQueueItem: () => new pb.DeviceQueueItem(),
    tenantOf,
    device: async (devEui) => {
      const request = new pb.GetDeviceRequest();
      request.setDevEui(devEui);
      return (await askOfDevice(devices.get.bind(devices), request))?.getDevice();
    },
    createDevice: async (device) => {
      const request = new pb.CreateDeviceRequest();
      request.setDevice(device);
      return (await ask(devices.create.bind(devices), request, status.ALREADY_EXISTS)) === undefined
        ? 'exists'
        : 'created';
    },
    updateDevice: async (device) => {
      const request = new pb.UpdateDeviceRequest();
      request.setDevice(device);
      await ask(devices.update.bind(devices), request);
    },
    keys: async (devEui) => {
      const request = new pb.GetDeviceKeysRequest();
      request.setDevEui(devEui);
      return (await ask(devices.getKeys.bind(devices), request, status.NOT_FOUND))?.getDeviceKeys();
    },
    createKeys: async (keys) => {
      const request = new pb.CreateDeviceKeysRequest();
      request.setDeviceKeys(keys);
      return (await ask(devices.createKeys.bind(devices), request, status.ALREADY_EXISTS)) === undefined
        ? 'exists'
        : 'created';
    },
    updateKeys: async (keys) => {
      const request = new pb.UpdateDeviceKeysRequest();
      request.setDeviceKeys(keys);
      await ask(devices.updateKeys.bind(devices), request);
    },
    devices: async (application, offset) => {
      const request = new pb.ListDevicesRequest();
      request.setApplicationId(application);
      request.setLimit(PAGE);
      request.setOffset(offset);
      return (await ask(devices.list.bind(devices), request))?.getResultList() ?? [];
    },
    profiles: async (tenant, offset) => {
      const request = new profilePb.ListDeviceProfilesRequest();
      request.setTenantId(tenant);
      request.setLimit(PAGE);
      request.setOffset(offset);
      return (await ask(profiles.list.bind(profiles), request))?.getResultList() ?? [];
    },
    profile: async (id) => {
      const request = new profilePb.GetDeviceProfileRequest();
      request.setId(id);
      return (await ask(profiles.get.bind(profiles), request, status.NOT_FOUND))?.getDeviceProfile();
    },
    enqueue: async (item) => {
      const request = new pb.EnqueueDeviceQueueItemRequest();
      request.setQueueItem(item);
      return there(await askOfDevice(devices.enqueue.bind(devices), request), item.getDevEui()).getId();
    },
    queue: async (devEui) => {
      const request = new pb.GetDeviceQueueItemsRequest();
      request.setDevEui(devEui);
      return there(await askOfDevice(devices.getQueue.bind(devices), request), devEui).getResultList();
    },
    close: () => {
      closed = true;
      for (const call of underWay) call.cancel();
      for (const client of [devices, profiles, applications]) client.close();
    },
  };
};

/** What gRPC's client says when there was no answer: its words are about connections, those here about what to do. */
const unavailable = (apiUrl: string, details: string): NetworkTrouble => {
  if (/wrong version number|packet length too long/i.test(details))
    return new NetworkTrouble(
      'network-unreachable',
      `ChirpStack does not answer at ${apiUrl}: this port speaks no TLS: write http://`,
    );
  if (/protocol error/i.test(details)) return strange(`what answers at ${apiUrl} speaks no gRPC`);
  const why = details
    .replace(/^No connection established\. Last error: (?:Error: )?/, '')
    .replace(/\.? ?Resolution note:\s*$/, '');
  return new NetworkTrouble('network-unreachable', `ChirpStack does not answer at ${apiUrl}: ${why}`);
};
/** @throws NetworkTrouble where the device that was asked about is none that our key may see. */
const there = <Answer>(answer: Answer | undefined, devEui: string): Answer => {
  if (answer !== undefined) return answer;
  const detail = `ChirpStack has no device ${devEui} that our API key may see: register it there, then give the command again`;
  throw new NetworkTrouble('network-device-missing', detail);
};
const strange = (what: string): NetworkTrouble =>
  new NetworkTrouble('network-strange', `${what}: it is not ChirpStack's API, see chirpstack.apiUrl`);
const unauthorised = (details: string): NetworkTrouble =>
  new NetworkTrouble(
    'network-unauthorised',
    `ChirpStack does not let this API key do that: ${details}; check chirpstack.apiToken`,
  );
const refused = (details: string): NetworkTrouble =>
  new NetworkTrouble('network-refused', `ChirpStack refuses it: ${details}`);
