import type { DevEui, DeviceId, DeviceRef, Instant, RuleId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type {
  ApiKey,
  Calibration,
  Credential,
  Deployment,
  Device,
  NamedGateway,
  QualityOf,
  Rule,
  Site,
} from './contract.ts';
import { setsSomething } from './quality.ts';
import type { KnownCredential, KnownKey, KnownLorawanKeys, Removal } from './rows.ts';

/** What became of the registry between two revisions. */
export interface Changes {
  /** The revision that one who has applied them has reached. */
  readonly revision: number;
  /** Applied first: what was removed and is there again comes as a new device or rule. */
  readonly removals: readonly Removal[];
  readonly devices: readonly Device[];
  /** All deployments of each of these devices, in order of their beginning; they replace what was known. */
  readonly deployments: readonly Deployment[];
  /** All credentials of each of these devices, the oldest first; they replace what was known. */
  readonly credentials: readonly KnownCredential[];
  /** At most one of each of these devices; a device without has none. */
  readonly lorawanKeys: readonly KnownLorawanKeys[];
  /** All calibrations of each of these devices, in order of quantity and version. */
  readonly calibrations: readonly Calibration[];
  readonly sites: readonly Site[];
  readonly rules: readonly Rule[];
  readonly keys: readonly KnownKey[];
  readonly namedGateways: readonly NamedGateway[];
  readonly quality: readonly QualityOf[];
}

/**
 * The part of the registry that every message asks for, in Maps: look-ups wait for nothing. Names from outside are
 * only ever keys of these, so `constructor` and `__proto__` are names like any other.
 */
export interface Memory {
  /** 0 while nothing is known. */
  readonly revision: () => number;
  readonly apply: (changes: Changes) => void;
  /** Forgets everything, for a database that went back to an earlier state. */
  readonly clear: () => void;
  readonly device: (ref: DeviceRef) => Device | undefined;
  /** The credentials of a device, the oldest first; by any text, which need not be an id. */
  readonly credentials: (id: string) => readonly KnownCredential[];
  readonly lorawanKeys: (id: DeviceId) => KnownLorawanKeys | undefined;
  /** Of all devices that have any, in no order. */
  readonly allLorawanKeys: () => readonly KnownLorawanKeys[];
  /** By SHA-256 in lower-case hex. */
  readonly certificate: (fingerprint: string) => Credential | undefined;
  readonly deployment: (device: DeviceId, at: Instant) => Deployment | undefined;
  readonly calibrations: (device: DeviceId) => readonly Calibration[];
  readonly site: (id: SiteId) => Site | undefined;
  readonly key: (digest: string) => ApiKey | undefined;
  readonly namedGateway: (id: string) => NamedGateway | undefined;
  /** Lists are in order of id. They are made when first asked for after a change, and shared: not to be altered. */
  readonly devices: () => readonly Device[];
  readonly deployments: () => readonly Deployment[];
  readonly sites: () => readonly Site[];
  readonly rules: () => readonly Rule[];
  readonly keys: () => readonly ApiKey[];
  readonly quality: () => readonly QualityOf[];
}

export const openMemory = (): Memory => {
  let revision = 0;
  const devices = new Map<DeviceId, Device>();
  const idByEui = new Map<DevEui, DeviceId>();
  const deployments = new Map<DeviceId, Deployment[]>();
  const credentials = new Map<string, KnownCredential[]>();
  const lorawanKeys = new Map<DeviceId, KnownLorawanKeys>();
  const calibrations = new Map<DeviceId, Calibration[]>();
  const certificates = new Map<string, Credential>();
  const sites = new Map<SiteId, Site>();
  const rules = new Map<RuleId, Rule>();
  const keys = new Map<string, ApiKey>();
  const namedGateways = new Map<string, NamedGateway>();
  const quality = new Map<string, QualityOf>();
  /** Not one of `list`: whoever works out limits from it does so again only when it changes. */
  let qualityList: readonly QualityOf[] = [];

  const forgetDevice = (id: DeviceId): void => {
    const eui = devices.get(id)?.devEui;
    // Another device may have taken the DevEUI over in the meantime.
    if (eui !== undefined && idByEui.get(eui) === id) idByEui.delete(eui);
    for (const { credential } of credentials.get(id) ?? [])
      if (credential.fingerprint !== undefined && certificates.get(credential.fingerprint)?.device === id)
        certificates.delete(credential.fingerprint);
    for (const map of [devices, deployments, credentials, lorawanKeys, calibrations]) map.delete(id);
  };
  const keepDevice = (device: Device): void => {
    const { id, devEui } = device;
    devices.set(id, device);
    if (devEui !== undefined) idByEui.set(devEui, id);
    deployments.set(id, []);
    credentials.set(id, []);
  };
  const keepCredential = (known: KnownCredential): void => {
    const { credential } = known;
    credentials.get(credential.device)?.push(known);
    if (credential.fingerprint !== undefined) certificates.set(credential.fingerprint, credential);
  };
  const list = {
    devices: kept(() => [...devices.values()].sort(byId)),
    lorawanKeys: kept(() => [...lorawanKeys.values()]),
    deployments: kept(() => [...deployments].sort(([a], [b]) => order(a, b)).flatMap(([, of]) => of)),
    sites: kept(() => [...sites.values()].sort(byId)),
    rules: kept(() => [...rules.values()].sort(byId)),
    keys: kept(() => [...keys.values()].sort(byId)),
  };
  const clear = (): void => {
    revision = 0;
    qualityList = [];
    for (const map of [
      devices,
      idByEui,
      deployments,
      credentials,
      lorawanKeys,
      calibrations,
      certificates,
      sites,
      rules,
      keys,
      namedGateways,
      quality,
    ])
      map.clear();
    for (const { forget } of Object.values(list)) forget();
  };
  return {
    revision: () => revision,
    clear,
    apply: (changes) => {
      for (const { kind, id } of changes.removals) {
        if (kind === 'device') {
          forgetDevice(id);
          if (quality.delete(`device ${id}`)) qualityList = [...quality.values()];
        } else rules.delete(id);
      }
      // All are forgotten before any is kept: a DevEUI or a certificate may have changed hands among them.
      for (const { id } of changes.devices) forgetDevice(id);
      for (const device of changes.devices) keepDevice(device);
      for (const deployment of changes.deployments) deployments.get(deployment.device)?.push(deployment);
      for (const known of changes.credentials) keepCredential(known);
      for (const known of changes.lorawanKeys) lorawanKeys.set(known.device, known);
      for (const calibration of changes.calibrations) {
        const others = calibrations.get(calibration.device);
        if (others === undefined) calibrations.set(calibration.device, [calibration]);
        else others.push(calibration);
      }
      for (const site of changes.sites) sites.set(site.id, site);
      for (const rule of changes.rules) rules.set(rule.id, rule);
      for (const { key, digest } of changes.keys) keys.set(digest, key);
      for (const gateway of changes.namedGateways) namedGateways.set(gateway.id, gateway);
      for (const one of changes.quality) {
        const key = `${one.subject.kind} ${one.subject.id}`;
        if (setsSomething(one.settings)) quality.set(key, one);
        else quality.delete(key);
      }
      if (changes.quality.length > 0) qualityList = [...quality.values()];
      for (const { forget } of Object.values(list)) forget();
      revision = changes.revision;
    },
    device: (ref) => {
      const id = ref.by === 'id' ? ref.value : idByEui.get(ref.value);
      return id === undefined ? undefined : devices.get(id);
    },
    credentials: (id) => credentials.get(id) ?? [],
    lorawanKeys: (id) => lorawanKeys.get(id),
    allLorawanKeys: list.lorawanKeys.get,
    certificate: (fingerprint) => certificates.get(fingerprint),
    // From the newest: what is asked for is nearly always now.
    deployment: (device, at) =>
      deployments.get(device)?.findLast(({ from, to }) => from <= at && (to === undefined || at < to)),
    calibrations: (device) => calibrations.get(device) ?? [],
    site: (id) => sites.get(id),
    key: (digest) => keys.get(digest),
    namedGateway: (id) => namedGateways.get(id),
    devices: list.devices.get,
    deployments: list.deployments.get,
    sites: list.sites.get,
    rules: list.rules.get,
    keys: list.keys.get,
    quality: () => qualityList,
  };
};

/** By code unit: the same on every machine. */
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => order(a.id, b.id);

/** A list that is made once and kept until it is forgotten. */
const kept = <T>(make: () => readonly T[]) => {
  let made: readonly T[] | undefined;
  return {
    get: (): readonly T[] => (made ??= make()),
    forget: (): void => {
      made = undefined;
    },
  };
};
