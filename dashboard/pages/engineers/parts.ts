import { deviceId, NotFound } from '../../../device-profiles/vocabulary/index.ts';
import { Unauthorised } from '../../../infra/http/problem.ts';
import type { Device } from '../../../infra/registry/contract.ts';
import type { Visit } from '../desk.ts';
import type { PageParts } from '../page.ts';

/** What the pages of engineers are made from. */
export type EngineerParts = PageParts;

/** The page of engineers about a device. */
export const workHref = (id: string): string => `/engineer/devices/${encodeURIComponent(id)}`;

/** The device of a path. @throws NotFound (`device-unknown`), Invalid (`invalid-id`). */
export const deviceIn = ({ registry }: Pick<EngineerParts, 'registry'>, visit: Visit): Device => {
  const id = visit.param('id');
  const device = registry.device({ by: 'id', value: deviceId(id) });
  if (device === undefined)
    throw new NotFound('device-unknown', `There is no sensor ${JSON.stringify(id.slice(0, 80))}`);
  return device;
};

/** Whether whoever looks may change devices. */
export const manages = ({ who }: Visit): boolean => who.scopes.includes('manage');

/** Whether a label of a device can be drawn: with its LoRaWAN code, or with the address of its page, which somebody must have given. */
export const isPrintable = ({ devEui, joinEui }: Device, { config }: Pick<EngineerParts, 'config'>): boolean =>
  (devEui !== undefined && joinEui !== undefined) || config.http.publicUrl !== undefined;

/** Whoever looks, for what is kept for him alone: the id of an account or of a key. */
export const ownerOf = ({ who }: Visit): { readonly id: string; readonly name: string } => {
  if (who.kind === 'nobody') throw new Unauthorised('sign-in-needed', 'Sign in first');
  return who.kind === 'person' ? who.session.account : who.key;
};

/** A path with what is asked for; what is empty or undefined is left out. */
export const withQuery = (path: string, asked: Readonly<Record<string, string | undefined>>): string => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(asked)) if (value !== undefined && value !== '') query.set(key, value);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
};

const PAIRS = /.{2}/g;
/** Bytes of a payload that a page shows; the API gives the rest. */
const BYTES_SHOWN = 512;

/** Bytes as people read them, two digits each with blanks between; the first 512, and how many more there are. */
export const hexWords = (payload: Uint8Array): { readonly hex: string; readonly more: number } => ({
  hex: (Buffer.from(payload.subarray(0, BYTES_SHOWN)).toString('hex').match(PAIRS) ?? []).join(' '),
  more: Math.max(0, payload.length - BYTES_SHOWN),
});
