import { Conflict, iso } from '../../../device-profiles/vocabulary/index.ts';
import {
  NETWORK_VARIABLE,
  networkNames,
  NO_NETWORK,
  type NetworkDevice,
  type NetworkName,
} from '../../../infra/network-server/contract.ts';
import type { DeviceRow } from '../../../infra/registry/bulk/contract.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import { clockWords } from '../../uk-time.ts';
import { again, changesOf, fresh, sentence, type FieldError } from '../accounts/parts.ts';
import type { Desk, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { fieldOfFault } from './draft.ts';
import { keysIn } from './keys-typed.ts';
import { deviceIn, manages, workHref, type EngineerParts } from './parts.ts';

const called: Readonly<Record<NetworkName, string>> = {
  chirpstack: 'ChirpStack',
  'things-stack': 'The Things Stack',
};

/** A network server as people call it; what a device says of it, where it is none of them. */
export const networkWords = (name: string): string => {
  const known = networkNames.find((one) => one === name);
  return known === undefined ? (name === NO_NETWORK ? 'None of ours' : name) : called[known];
};

/** One of the answers that a form offers. */
interface NetworkItem {
  readonly value: string;
  readonly text: string;
  readonly hint?: { readonly text: string };
  readonly checked: boolean;
}

/** The choice of a network server, of those that are set up; empty where none is. */
export const networkItems = (
  { networks: { names } }: Pick<EngineerParts, 'networks'>,
  chosen: string | undefined,
): readonly NetworkItem[] => {
  if (names.length === 0) return [];
  // Where there is only one, a device that says nothing belongs there.
  const meant = chosen ?? (names.length === 1 ? names[0] : undefined);
  return [
    ...names.map((name) => ({ value: name, text: called[name], checked: name === meant })),
    {
      value: NO_NETWORK,
      text: 'None of these',
      hint: { text: 'Somebody registers it where its network is, or its frames are decrypted here' },
      checked: meant === NO_NETWORK,
    },
  ];
};

/** What was chosen; undefined for what holds of a device that says nothing, and what is wrong where that decides nothing. */
export const networkTyped = (
  visit: Visit,
  { networks: { names } }: EngineerParts,
): { readonly network: string | undefined } | FieldError => {
  const typed = visit.field('network');
  if (names.length === 0 || (names.length === 1 && typed === names[0])) return { network: undefined };
  return [...names, NO_NETWORK].includes(typed)
    ? { network: typed }
    : { field: 'network', text: 'Choose where the sensor is registered' };
};

/** How a device stands with its network server, for whoever waits for its first message. */
export interface NetworkView {
  readonly words: string;
  /** What a person has to do, of a try that failed; for those who may manage alone: it may have words of strangers. */
  readonly detail: string | undefined;
  readonly failed: boolean;
}

/** Undefined for a device that no network server of ours can know. */
export const networkView = async (
  device: Device,
  parts: EngineerParts,
  visit: Visit,
): Promise<NetworkView | undefined> => {
  if (device.devEui === undefined || parts.networks.names.length === 0) return undefined;
  const { home, inCare } = await parts.networks.standing(device);
  if (home.kind === 'none')
    return { words: 'It is registered in no network server of ours', detail: undefined, failed: false };
  if (home.kind === 'undecided')
    return {
      words: inCare.length === 0 ? 'It is registered nowhere yet' : 'It is left as it is in its network server',
      detail: manages(visit) ? sentence(home.why) : undefined,
      failed: true,
    };
  const row = inCare.find(({ network }) => network === home.name);
  const place = called[home.name];
  if (row === undefined) {
    const { held = [] } = parts.registry.lorawanKeys(device.id) ?? {};
    const words =
      held.includes('appKey') || held.includes('nwkKey')
        ? `Waits to be registered in ${place}`
        : `Kerbside has no key of it, and leaves it to whoever registers it in ${place}`;
    return { words, detail: undefined, failed: false };
  }
  const now = parts.clock.now();
  const since = `since ${clockWords(row.changedAt, now)}`;
  switch (row.state) {
    case 'done':
      return {
        words: `${row.wanted === 'registered' ? 'Registered' : 'Disabled'} in ${place} ${since}`,
        detail: undefined,
        failed: false,
      };
    case 'pending':
      return { words: `Waits to be ${row.wanted} in ${place} ${since}`, detail: undefined, failed: false };
    case 'failed':
      return {
        words: `Could not be ${row.wanted} in ${place}${againWords(row, parts)}`,
        detail: manages(visit) && row.detail !== undefined ? sentence(row.detail) : row.reason,
        failed: true,
      };
  }
};

const againWords = ({ nextAt }: NetworkDevice, { clock }: EngineerParts): string =>
  nextAt === undefined ? '' : `; it is tried again at ${clockWords(nextAt, clock.now())}`;

const page = async (parts: EngineerParts, device: Device, chosen?: string): Promise<Page> => {
  const { inCare } = await parts.networks.standing(device);
  const held = parts.registry.lorawanKeys(device.id);
  return {
    template: 'engineers/network',
    title: `Network server of ${device.id}`,
    section: 'engineer',
    content: {
      id: device.id,
      href: workHref(device.id),
      action: `${workHref(device.id)}/network`,
      failed: inCare.some(({ state }) => state === 'failed'),
      items: networkItems(parts, chosen ?? device.variables?.[NETWORK_VARIABLE]),
      held:
        held === undefined || held.held.length === 0
          ? undefined
          : {
              names: held.held.join(', '),
              at: iso(held.changedAt),
              when: clockWords(held.changedAt, parts.clock.now()),
            },
    },
  };
};

/** @throws as `deviceIn`, Conflict (`dev-eui-missing`). */
const radioDeviceIn = (parts: EngineerParts, visit: Visit): Device => {
  const device = deviceIn(parts, visit);
  if (device.devEui !== undefined) return device;
  throw new Conflict('dev-eui-missing', `${device.id} has no DevEUI: no LoRaWAN network server knows it`);
};

/** In which network server a device is registered, and with which keys. */
export const networkPages = (desk: Desk, parts: EngineerParts): void => {
  const path = '/engineer/devices/:id/network';
  desk.get(path, 'manage', async (visit) => fresh(await page(parts, radioDeviceIn(parts, visit))));
  desk.post(path, 'manage', async (visit) => {
    const device = radioDeviceIn(parts, visit);
    const typed = networkTyped(visit, parts);
    if ('field' in typed) return again(await page(parts, device, visit.field('network')), [typed]);
    const keys = keysIn(visit);
    const { [NETWORK_VARIABLE]: before, ...others } = device.variables ?? {};
    const network = typed.network ?? (before === undefined ? undefined : parts.networks.names[0]);
    const row: DeviceRow = {
      line: 1,
      id: device.id,
      ...(network === undefined ? {} : { variables: { ...others, [NETWORK_VARIABLE]: network } }),
      ...(Object.keys(keys).length === 0 ? {} : { keys }),
      place: {},
      faults: [],
    };
    const changes = changesOf(parts, visit);
    const { applied, rows } = await changes.putDevices([row]);
    if (applied) {
      await parts.networks.tryAgain(deviceIn(parts, visit), changes);
      return { to: `${workHref(device.id)}?done=network` };
    }
    return again(
      await page(parts, device, visit.field('network')),
      rows.flatMap(({ faults }) =>
        faults.map(({ field, detail }) => ({
          field: fieldOfFault.get(field)?.field ?? 'network',
          text: sentence(detail),
        })),
      ),
    );
  });
};
