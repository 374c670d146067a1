import { Type, type Static } from 'typebox';
import { deviceId, Invalid, iso, NotFound, parseIso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Device, NewDevice, Registry } from '../../infra/registry/contract.ts';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import type { SensorNow } from '../now/overview.ts';
import { conditions } from '../now/rules.ts';
import { isoOrNull, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import { closed } from './answers.ts';

/** How a device looks on the way in and out of the API. */

const VariablesShape = Type.Record(Type.String(), Type.String(), {
  description: 'Settings of this one device that its codec is given as `variables`',
});
const SpeaksForShape = Type.Array(Type.String(), {
  description: 'Of a gateway device: ids of devices that it forwards for, or patterns such as `aq-*`',
});

const device = {
  id: Type.String({ description: 'Also its MQTT user name' }),
  devEui: textOrNull({ description: 'LoRaWAN DevEUI, 16 hexadecimal digits' }),
  joinEui: textOrNull({ description: 'LoRaWAN JoinEUI, 16 hexadecimal digits' }),
  serial: textOrNull({ description: "The maker's serial number" }),
  profile: Type.String({ description: 'What it sends: `<maker>/<model>`, see /api/v1/profiles' }),
  name: Type.String(),
  status: oneOf(deviceStatuses, {
    description: 'Where it is in its life. A retired device is refused at the doors; its history stays',
  }),
  statusSince: time('Since when it has that status'),
  variables: Type.Unsafe<Record<string, string> | null>({ ...VariablesShape, type: ['object', 'null'] }),
  speaksFor: Type.Unsafe<readonly string[] | null>({ ...SpeaksForShape, type: ['array', 'null'] }),
  site: textOrNull({ description: 'Where it stands now' }),
  createdAt: time('When it was registered'),
  heardAt: timeOrNull('When its last message came in, as far as the last 31 days know'),
  condition: oneOf(conditions, {
    description:
      'As the pages show it, worst first: alert, silent, late, never-heard, suspect, listening, maintenance, ok',
  }),
};
export const DeviceOut = closed(device, { description: 'A piece of hardware that may speak to us' });

export const Token = Type.String({
  description: 'Its password for MQTT and HTTP. Shown this once and kept only as a hash',
});
export const RegisteredOut = closed({ ...device, token: Token });
export const Id = closed({ id: Type.String({ description: 'Id of the device' }) });

const line = (description: string) => Type.Optional(Type.String({ maxLength: 200, description }));
const registered = {
  devEui: line('LoRaWAN only'),
  joinEui: line('LoRaWAN only'),
  serial: line("The maker's serial number"),
  profile: Type.String(),
  name: line('What people call it; its id unless given'),
  status: Type.Optional(oneOf(deviceStatuses, { description: '`commissioned` unless given: it counts at once' })),
  variables: Type.Optional(VariablesShape),
  speaksFor: Type.Optional(SpeaksForShape),
};
export const DeviceIn = closed({
  id: Type.String({ description: '1 to 64 letters, digits, `.`, `_`, `:` or `-`, beginning with a letter or digit' }),
  ...registered,
  site: line('Deployed there. A site that is not registered yet is, with its id as its name'),
  deployedFrom: line('Since when, ISO 8601; unless given, for all its history. Only a planned device has a date ahead'),
});
/** A device that takes the place of another: it stands where that one stood. */
export const SuccessorIn = closed({ id: DeviceIn.properties.id, ...registered });

const textOrNothing = textOrNull({ maxLength: 200, description: 'Null takes it away' });
export const DeviceChangeIn = closed({
  name: Type.Optional(Type.String({ maxLength: 200 })),
  status: Type.Optional(oneOf(deviceStatuses)),
  profile: Type.Optional(Type.String()),
  devEui: Type.Optional(textOrNothing),
  joinEui: Type.Optional(textOrNothing),
  serial: Type.Optional(textOrNothing),
  variables: Type.Optional(Type.Unsafe<Record<string, string> | null>({ ...VariablesShape, type: ['object', 'null'] })),
  speaksFor: Type.Optional(Type.Unsafe<readonly string[] | null>({ ...SpeaksForShape, type: ['array', 'null'] })),
  site: Type.Optional(
    textOrNull({ maxLength: 200, description: 'Moves it there from now on; null: it stands nowhere from now on' }),
  ),
});

export const deviceOut = ({ device, site, heardAt, condition }: SensorNow): Static<typeof DeviceOut> => ({
  id: device.id,
  devEui: device.devEui ?? null,
  joinEui: device.joinEui ?? null,
  serial: device.serial ?? null,
  profile: device.profile,
  name: device.name,
  status: device.status,
  statusSince: iso(device.statusSince),
  variables: device.variables ?? null,
  speaksFor: device.speaksFor ?? null,
  site: site?.id ?? null,
  createdAt: iso(device.createdAt),
  heardAt: isoOrNull(heardAt),
  condition,
});

/** A device of a request's body. @throws Invalid (`time-invalid`). */
export const newDeviceOf = ({ deployedFrom, ...given }: Static<typeof DeviceIn>): NewDevice => ({
  ...given,
  ...(deployedFrom === undefined ? {} : { deployedFrom: instantOf('deployedFrom', deployedFrom) }),
});

/** The registered device of a path. @throws NotFound (`device-unknown`), Invalid (`invalid-id`). */
export const deviceOf = (registry: Registry, id: string): Device => {
  const device = registry.device({ by: 'id', value: deviceId(id) });
  if (device === undefined) throw new NotFound('device-unknown', `no device ${JSON.stringify(id)} is registered`);
  return device;
};

/** @throws Invalid (`time-invalid`) naming the field. */
export const instantOf = (field: string, text: string): Instant => {
  const at = parseIso(text);
  if (at === undefined)
    throw new Invalid('time-invalid', `${field}: ${JSON.stringify(text)} is not a time such as 2026-11-23T15:00:00Z`);
  return at;
};
