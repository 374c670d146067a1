import { InvalidArgumentError } from 'commander';
import { Invalid, iso, parseIso, systemClock, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Deployment, Device, NewDevice, Registry } from '../../infra/registry/contract.ts';

/** What the command line says of a device, as commander gives it. */
export interface DeviceOptions {
  readonly profile?: string;
  readonly devEui?: string;
  readonly joinEui?: string;
  readonly serial?: string;
  readonly name?: string;
  readonly status?: string;
  readonly variable?: Readonly<Record<string, string>>;
  readonly speaksFor?: readonly string[];
}

/** `--variable height=3.5`, as often as there are variables. */
export const variableOf = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('a variable is NAME=TEXT.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};

/** `--speaks-for aq-1,kerb-*`. */
export const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

/** @throws Invalid (`time-invalid`) naming the option. */
export const timeOf = (option: string, text: string | undefined): Instant | undefined => {
  if (text === undefined) return undefined;
  const at = parseIso(text);
  if (at === undefined)
    throw new Invalid(
      'time-invalid',
      `--${option} ${JSON.stringify(text)} is not a time such as 2026-11-23 or 2026-11-23T15:00Z`,
    );
  return at;
};

/** The fields of a device that were given, by the names that the registry has for them. */
export const given = ({
  variable,
  speaksFor,
  profile,
  devEui,
  joinEui,
  serial,
  name,
  status,
}: DeviceOptions): Omit<Partial<NewDevice>, 'id'> => ({
  ...(profile === undefined ? {} : { profile }),
  ...(devEui === undefined ? {} : { devEui }),
  ...(joinEui === undefined ? {} : { joinEui }),
  ...(serial === undefined ? {} : { serial }),
  ...(name === undefined ? {} : { name }),
  ...(status === undefined ? {} : { status }),
  ...(variable === undefined ? {} : { variables: variable }),
  ...(speaksFor === undefined ? {} : { speaksFor }),
});

/** `vs-14 "Column 14" (milesight/vs133)`. */
export const described = ({ id, name, profile }: Pick<Device, 'id' | 'name' | 'profile'>): string =>
  `${id}${name === id ? '' : ` "${name}"`} (${profile})`;

/** A device with its times as texts and where it stands now, for `--json` and for tables. */
export const listed = (registry: Registry, { createdAt, statusSince, ...device }: Device) => {
  const site = registry.deployment(device.id, systemClock.now())?.site;
  return {
    ...device,
    ...(site === undefined ? {} : { site }),
    statusSince: iso(statusSince),
    createdAt: iso(createdAt),
  };
};

/** A deployment with its times as texts; null while it lasts. */
export const placed = ({ device, site, from, to }: Deployment) => ({
  device,
  site,
  from: iso(from),
  to: to === undefined ? null : iso(to),
});
