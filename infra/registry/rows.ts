import {
  borough,
  devEui,
  deviceId,
  instant,
  profileId,
  quantityId,
  ruleId,
  siteId,
  type DeviceId,
  type Instant,
  type RuleId,
} from '../../device-profiles/vocabulary/index.ts';
import { isNull, number, oneOf, reading, text } from './columns.ts';
import {
  conditions,
  roles,
  severities,
  statuses,
  type ApiKey,
  type Deployment,
  type Device,
  type Rule,
  type Site,
} from './contract.ts';
import type { Row, Tables } from './tables.ts';

/** A column that holds a time. */
export const time = (row: Row, column: string): Instant => instant(number(row, column));

/** A device and the digest that its token must have. */
export interface KnownDevice {
  readonly device: Device;
  readonly digest: Uint8Array;
}

/** @throws KerbsideError `registry-corrupt`, as all that read rows. */
export const deviceOf = reading('device', (row): KnownDevice => ({
  device: {
    id: deviceId(text(row, 'id')),
    ...(isNull(row, 'dev_eui') ? {} : { devEui: devEui(text(row, 'dev_eui')) }),
    profile: profileId(text(row, 'profile')),
    name: text(row, 'name'),
    status: oneOf(statuses, text(row, 'status')),
    createdAt: time(row, 'created_at'),
  },
  digest: sha256(text(row, 'token_digest')),
}));

/** HMAC-SHA256 gives 32 bytes; anything else would make every comparison throw. */
const sha256 = (base64url: string): Uint8Array => {
  const digest = Buffer.from(base64url, 'base64url');
  if (digest.length !== 32) throw new TypeError('the digest has not 32 bytes');
  return digest;
};

export const siteOf = reading('site', (row): Site => ({
  id: siteId(text(row, 'id')),
  name: text(row, 'name'),
  ...(isNull(row, 'street') ? {} : { street: text(row, 'street') }),
  ...(isNull(row, 'usrn') ? {} : { usrn: text(row, 'usrn') }),
  ...(isNull(row, 'asset') ? {} : { asset: text(row, 'asset') }),
  ...(isNull(row, 'latitude') ? {} : { latitude: number(row, 'latitude') }),
  ...(isNull(row, 'longitude') ? {} : { longitude: number(row, 'longitude') }),
  ...(isNull(row, 'borough') ? {} : { borough: borough(text(row, 'borough')) }),
  ...(isNull(row, 'ward') ? {} : { ward: text(row, 'ward') }),
  createdAt: time(row, 'created_at'),
}));

export const siteRow = (site: Site, revision: number): Tables['site'] => ({
  id: site.id,
  name: site.name,
  street: site.street ?? null,
  usrn: site.usrn ?? null,
  asset: site.asset ?? null,
  latitude: site.latitude ?? null,
  longitude: site.longitude ?? null,
  borough: site.borough ?? null,
  ward: site.ward ?? null,
  created_at: site.createdAt,
  revision,
});

export const deploymentOf = reading('deployment', (row): Deployment => ({
  device: deviceId(text(row, 'device')),
  site: siteId(text(row, 'site')),
  from: time(row, 'from_at'),
  ...(isNull(row, 'to_at') ? {} : { to: time(row, 'to_at') }),
}));

export const ruleOf = reading('rule', (row): Rule => ({
  id: ruleId(text(row, 'id')),
  name: text(row, 'name'),
  quantity: quantityId(text(row, 'quantity')),
  ...(isNull(row, 'site') ? {} : { site: siteId(text(row, 'site')) }),
  ...(isNull(row, 'device') ? {} : { device: deviceId(text(row, 'device')) }),
  ...(isNull(row, 'borough') ? {} : { borough: borough(text(row, 'borough')) }),
  when: oneOf(conditions, text(row, 'condition')),
  threshold: number(row, 'threshold'),
  clearAt: number(row, 'clear_at'),
  forMs: number(row, 'for_ms'),
  severity: oneOf(severities, text(row, 'severity')),
  enabled: number(row, 'enabled') === 1,
}));

export const ruleRow = (rule: Rule, revision: number): Tables['rule'] => ({
  id: rule.id,
  name: rule.name,
  quantity: rule.quantity,
  site: rule.site ?? null,
  device: rule.device ?? null,
  borough: rule.borough ?? null,
  condition: rule.when,
  threshold: rule.threshold,
  clear_at: rule.clearAt,
  for_ms: rule.forMs,
  severity: rule.severity,
  enabled: rule.enabled ? 1 : 0,
  revision,
});

/** An API key and the digest under which it is found. */
export interface KnownKey {
  readonly key: ApiKey;
  readonly digest: string;
}

export const keyOf = reading('api_key', (row): KnownKey => ({
  key: {
    id: text(row, 'id'),
    name: text(row, 'name'),
    role: oneOf(roles, text(row, 'role')),
    createdAt: time(row, 'created_at'),
  },
  digest: text(row, 'secret_digest'),
}));

/** What is gone. */
export type Removal =
  { readonly kind: 'device'; readonly id: DeviceId } | { readonly kind: 'rule'; readonly id: RuleId };

export const removalOf = reading('removal', (row): Removal => {
  const kind = oneOf(['device', 'rule'] as const, text(row, 'kind'));
  return kind === 'device' ? { kind, id: deviceId(text(row, 'id')) } : { kind, id: ruleId(text(row, 'id')) };
});
