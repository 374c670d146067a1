import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { NetworkTrouble } from './trouble.ts';
import { sentenceWithout } from './words.ts';

export interface ThingsStackOptions {
  /** `https://eu1.cloud.thethings.network`; a `/api/v3` behind it is understood. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly applicationId: string;
  /** After so long without an answer a call is given up. */
  readonly timeoutMs?: number;
  /** The band of devices that are registered: `EU_863_870_TTN`. */
  readonly frequencyPlan?: string;
  /** Of devices that are registered: `1.0.3`. */
  readonly lorawanVersion?: LorawanVersion;
}

/** LoRaWAN versions, and what The Things Stack calls each with the regional parameters that go with it. */
export const lorawanVersions = {
  '1.0.2': { mac: 'MAC_V1_0_2', phy: 'PHY_V1_0_2_REV_B' },
  '1.0.3': { mac: 'MAC_V1_0_3', phy: 'PHY_V1_0_3_REV_A' },
  '1.0.4': { mac: 'MAC_V1_0_4', phy: 'RP002_V1_0_3' },
  '1.1': { mac: 'MAC_V1_1', phy: 'PHY_V1_1_REV_B' },
} as const;
export type LorawanVersion = keyof typeof lorawanVersions;

/** The registries in which The Things Stack keeps a device, one beside the other. */
export type Registry = 'is' | 'js' | 'ns' | 'as';

/** What The Things Stack takes for an id (api/ttn/lorawan/v3/identifiers.proto). */
const DEVICE_ID = '^[a-z0-9](?:[-]?[a-z0-9]){2,}$';
const DeviceId = Type.String({ maxLength: 36, pattern: DEVICE_ID });
/** Four times what is allowed there. */
const Name = Type.String({ maxLength: 200 });

/** What we read of an end device; empty fields are left out there. */
const EndDevice = Type.Object({
  ids: Type.Object({
    device_id: DeviceId,
    dev_eui: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f]{16}$' })),
    join_eui: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f]{16}$' })),
  }),
  name: Type.Optional(Name),
  attributes: Type.Optional(Type.Record(Type.String(), Type.String())),
  version_ids: Type.Optional(Type.Object({ brand_id: Type.Optional(Name), model_id: Type.Optional(Name) })),
});
export type EndDevice = Static<typeof EndDevice>;
const EndDevices = Type.Object({ end_devices: Type.Optional(Type.Array(Type.Unknown())) });
const Downlinks = Type.Object({
  downlinks: Type.Optional(Type.Array(Type.Object({ correlation_ids: Type.Optional(Type.Array(Type.String())) }))),
});
/** How The Things Stack says what is wrong. */
const Fault = Type.Object({ code: Type.Optional(Type.Integer()), message: Type.Optional(Type.String()) });

/** What Kerbside asks of The Things Stack's HTTP API. */
export interface ThingsStackClient {
  /** The host of its servers, for the device's record. */
  readonly host: string;
  /** A device in one of the registries; undefined when it is not in there. */
  get(registry: Registry, id: string, fields?: readonly string[]): Promise<EndDevice | undefined>;
  /** Into the Identity Server. `exists`: the id or the DevEUI is taken. */
  create(device: object): Promise<'created' | 'exists'>;
  /** Writes these fields of the device in one of the registries. */
  set(
    registry: Registry,
    id: string,
    write: { readonly device: object; readonly fields: readonly string[] },
  ): Promise<void>;
  /** Answers whether it was in there. */
  remove(registry: Registry, id: string): Promise<boolean>;
  /** A page of the application's devices, from 1 on. Undefined stands for a row that cannot be read. */
  list(page: number): Promise<readonly (EndDevice | undefined)[]>;
  push(id: string, downlink: object): Promise<void>;
  /** The correlation ids of the commands that wait for the device. */
  queued(id: string): Promise<readonly string[]>;
  /** Gives up whatever is under way, and all that comes. */
  close(): void;
}

/** Rows on a page of its list. */
export const PAGE = 200;

/** A page of its list is a tenth of that. What is larger is read no further. */
const ANSWER_AT_MOST_BYTES = 4 * 1_048_576;
/** Of an answer that says what is wrong. */
const TROUBLE_AT_MOST_BYTES = 65_536;

/** Statuses that the caller knows what to do with. */
type Expected = readonly number[];

export const connectThingsStack = ({
  apiUrl,
  apiKey,
  applicationId,
  timeoutMs = 10_000,
}: ThingsStackOptions): ThingsStackClient => {
  const base = `${apiUrl.replace(/\/+$/, '').replace(/\/api\/v3$/, '')}/api/v3`;
  const devices = `/applications/${applicationId}/devices`;
  const pathOf = (registry: Registry, id: string): string => {
    if (Value.Check(DeviceId, id)) return `${registry === 'is' ? '' : `/${registry}`}${devices}/${id}`;
    throw new NetworkTrouble(
      'network-strange',
      'the name that The Things Stack gave to the device is none that it allows: delete the device there',
    );
  };
  const wordsOf = sentenceWithout(apiKey);
  const closing = new AbortController();

  const fetched = async (
    method: string,
    path: string,
    body?: object,
  ): Promise<{ readonly status: number; readonly text: string }> => {
    try {
      const answer = await fetch(base + path, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          accept: 'application/json',
          'user-agent': 'kerbside',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would carry the key to whoever answers.
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing.signal]),
      });
      const text = await textOf(answer, answer.ok ? ANSWER_AT_MOST_BYTES : TROUBLE_AT_MOST_BYTES);
      if (text === undefined && answer.ok)
        throw new NetworkTrouble(
          'network-strange',
          'an answer of more than 4 MB: what answers at thingsStack.apiUrl is not The Things Stack',
        );
      return { status: answer.status, text: text ?? '' };
    } catch (error) {
      if (error instanceof NetworkTrouble) throw error;
      if (error instanceof DOMException && error.name === 'TimeoutError')
        throw new NetworkTrouble('network-timeout', `The Things Stack took longer than ${timeoutMs} ms to answer`, {
          cause: error,
        });
      throw new NetworkTrouble('network-unreachable', `The Things Stack does not answer at ${base}${whyOf(error)}`, {
        cause: error,
      });
    }
  };
  const ask = async (
    method: string,
    path: string,
    { body, expected = [] }: { readonly body?: object; readonly expected?: Expected } = {},
  ): Promise<string | number> => {
    const { status, text } = await fetched(method, path, body);
    if (status >= 200 && status < 300) return text;
    if (expected.includes(status)) return status;
    throw troubleOf(status, wordsOf(saidIn(text)));
  };
  return {
    host: new URL(apiUrl).hostname,
    get: async (registry, id, fields = []) => {
      const mask = fields.length === 0 ? '' : `?field_mask=${fields.join(',')}`;
      const answer = await ask('GET', pathOf(registry, id) + mask, { expected: [404] });
      return typeof answer === 'number' ? undefined : read(EndDevice, answer);
    },
    create: async (device) =>
      typeof (await ask('POST', devices, { body: { end_device: device }, expected: [409] })) === 'number'
        ? 'exists'
        : 'created',
    set: async (registry, id, { device, fields }) => {
      await ask('PUT', pathOf(registry, id), { body: { end_device: device, field_mask: { paths: fields } } });
    },
    remove: async (registry, id) =>
      typeof (await ask('DELETE', pathOf(registry, id), { expected: [404] })) !== 'number',
    list: async (page) => {
      const query = `?field_mask=name,attributes,version_ids&order=device_id&limit=${PAGE}&page=${page}`;
      const answer = await ask('GET', devices + query);
      return (read(EndDevices, String(answer)).end_devices ?? []).map((row) =>
        Value.Check(EndDevice, row) ? row : undefined,
      );
    },
    push: async (id, downlink) => {
      await ask('POST', `${pathOf('as', id)}/down/push`, { body: { downlinks: [downlink] } });
    },
    queued: async (id) => {
      const answer = await ask('GET', `${pathOf('as', id)}/down`, { expected: [404] });
      if (typeof answer === 'number') return [];
      return (read(Downlinks, answer).downlinks ?? []).flatMap(({ correlation_ids: ids = [] }) => ids);
    },
    close: () => closing.abort(),
  };
};

const read = <Schema extends TSchema>(schema: Schema, text: string): Static<Schema> => {
  const found = parsed(text);
  if (Value.Check(schema, found)) return found;
  throw new NetworkTrouble(
    'network-strange',
    'what answers at thingsStack.apiUrl is not The Things Stack, or another version of it',
  );
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Read as it comes; undefined when there is more of it than that, and then the rest is not waited for. */
const textOf = async ({ body }: Response, atMost: number): Promise<string | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > atMost) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
};

/** Why there was no answer, in a few words, if the system has said it. */
const whyOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return ': this port speaks no TLS: write http://';
  return code === '' ? '' : `: ${code}`;
};

/** What is wrong, without the name of the file there that says it: `error:pkg/identityserver/store:id_taken (...)`. */
const saidIn = (text: string): string => {
  const fault = parsed(text);
  return Value.Check(Fault, fault) ? (fault.message ?? '').replace(/^error:[\w/]{0,200}:/, '') : '';
};

const troubleOf = (status: number, said: string): NetworkTrouble => {
  const words = said === '' ? `HTTP ${status}` : said;
  if (status === 401 || status === 403)
    return new NetworkTrouble(
      'network-unauthorised',
      `The Things Stack does not let this API key do that: ${words}; check thingsStack.apiKey and the rights it has`,
    );
  if (status === 404)
    return new NetworkTrouble('network-device-missing', `The Things Stack has no such thing: ${words}`);
  if (status === 429) return new NetworkTrouble('network-busy', `The Things Stack takes no more calls now: ${words}`);
  if (status === 502 || status === 503 || status === 504)
    return new NetworkTrouble('network-unreachable', `The Things Stack cannot answer now: ${words}`);
  if (status >= 500) return new NetworkTrouble('network-strange', `The Things Stack met trouble of its own: ${words}`);
  return new NetworkTrouble('network-refused', `The Things Stack refuses it: ${words}`);
};
