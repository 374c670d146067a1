import type { FastifyRequest } from 'fastify';
import { setTimeout as pause } from 'node:timers/promises';
import type { Slowdown } from '../../infra/broker/slowdown.ts';
import { Forbidden, Unauthorised } from '../../infra/http/problem.ts';
import { deviceId, Invalid, InvalidId, Unavailable, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { NEW_DEVICES_AT_MOST, type Newcomers } from '../newcomers.ts';
import { speaksFor } from '../speaks-for.ts';

/** A device's id and token as a request carries them. */
interface Credentials {
  readonly id: string;
  readonly token: string;
}

/** Whose message a request carries. */
export interface Sender {
  readonly device: DeviceId;
  /** The gateway that signed in and speaks for it; undefined when it signed in itself. */
  readonly via?: DeviceId;
}

type Request = Pick<FastifyRequest, 'headers' | 'query' | 'ip'>;

/**
 * `Basic` with `id:token`, or `Bearer` with the token, and the id beside it. Undefined when the request has neither.
 * A token has no colon and an id may, so the last one divides.
 */
const credentialsIn = (request: Request): Credentials | undefined => {
  const [scheme = '', value = ''] = request.headers.authorization?.split(' ') ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic': {
      const text = Buffer.from(value, 'base64').toString('utf8');
      const colon = text.lastIndexOf(':');
      return colon < 0 ? undefined : { id: text.slice(0, colon), token: text.slice(colon + 1) };
    }
    case 'bearer': {
      const id = namedIn(request);
      return id === undefined || value === '' ? undefined : { id, token: value };
    }
    default:
      return undefined;
  }
};

/**
 * The device that a request names beside its token: the header `Kerbside-Device`, or `?device=`.
 * @throws Invalid `device-contradicted` when the two name two.
 */
const namedIn = ({ headers, query }: Request): string | undefined => {
  const header = headers['kerbside-device'];
  const asked =
    typeof query === 'object' && query !== null && 'device' in query && typeof query.device === 'string'
      ? query.device
      : undefined;
  if (typeof header !== 'string') return asked;
  if (asked === undefined || asked === header) return header;
  throw new Invalid(
    'device-contradicted',
    'The header "Kerbside-Device" and "?device=" name two devices, and a message is of one: send one of them',
  );
};

/**
 * Whose message this request is: that of the device which signed in, or of the one that it names and speaks for.
 * @throws Unauthorised `device-credentials-missing`, or `device-credentials-wrong` after a wait that grows with each
 * mistake from that address; Forbidden `device-not-yours` when the request names another device than the credentials
 * and they do not reach so far; Invalid `device-contradicted`; Unavailable `too-many-new-devices`.
 */
export const senderOf = async (
  request: Request,
  {
    registry,
    slowdown,
    newcomers,
  }: { readonly registry: Registry; readonly slowdown: Slowdown; readonly newcomers: Newcomers },
): Promise<Sender> => {
  const credentials = credentialsIn(request);
  if (credentials === undefined) {
    throw new Unauthorised(
      'device-credentials-missing',
      'Send the device\'s id and token: "Authorization: Basic base64(id:token)", or "Authorization: Bearer <token>" and "Kerbside-Device: <id>"',
    );
  }
  const signedIn = registry.authenticateDevice(credentials.id, credentials.token);
  if (signedIn === undefined) {
    await pause(slowdown.failed(request.ip));
    throw new Unauthorised(
      'device-credentials-wrong',
      'No active device has this id and token; "npx kerbside devices add" makes both',
    );
  }
  const { device } = signedIn;
  const named = namedIn(request);
  return named === undefined || named === device.id ? { device: device.id } : spokenFor(device, named, newcomers);
};

/** @throws Forbidden `device-not-yours`, Unavailable `too-many-new-devices`. */
const spokenFor = ({ id, speaksFor: list }: Device, named: string, newcomers: Newcomers): Sender => {
  const device = idOf(named);
  if (device === undefined || !speaksFor(list, device)) {
    const why =
      list === undefined
        ? 'a device may not speak for another, unless it is registered as a gateway that does'
        : 'its list of devices that it speaks for does not cover the one that the request names';
    throw new Forbidden('device-not-yours', `These are the credentials of ${id}: ${why}`);
  }
  if (!newcomers.admit(id, device)) {
    throw new Unavailable(
      'too-many-new-devices',
      `${id} has brought ${NEW_DEVICES_AT_MOST} devices that nobody has registered: register them, or mend its list`,
    );
  }
  return { device, via: id };
};

const idOf = (text: string): DeviceId | undefined => {
  try {
    return deviceId(text);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
};
