import { Type } from 'typebox';
import { Parse } from 'typebox/value';
import {
  borough,
  credentialId,
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
  auditActions,
  auditSubjects,
  conditions,
  credentialKinds,
  lorawanKeyNames,
  roles,
  scopes,
  severities,
  type ApiKey,
  type AuditEntry,
  type Credential,
  type Deployment,
  type Device,
  type NamedGateway,
  type LorawanKeysHeld,
  type Rule,
  type Site,
} from './contract.ts';
import { deviceStatuses } from './life-cycle.ts';
import type { Row, Tables } from './tables.ts';

/** A column that holds a time. */
export const time = (row: Row, column: string): Instant => instant(number(row, column));

/** @throws KerbsideError `registry-corrupt`, as all that read rows. */
export const deviceOf = reading('device', (row): Device => ({
  id: deviceId(text(row, 'id')),
  ...(isNull(row, 'dev_eui') ? {} : { devEui: devEui(text(row, 'dev_eui')) }),
  ...(isNull(row, 'join_eui') ? {} : { joinEui: devEui(text(row, 'join_eui')) }),
  ...(isNull(row, 'serial') ? {} : { serial: text(row, 'serial') }),
  profile: profileId(text(row, 'profile')),
  name: text(row, 'name'),
  status: oneOf(deviceStatuses, text(row, 'status')),
  statusSince: time(row, 'status_since'),
  ...(isNull(row, 'variables') ? {} : { variables: Parse(variables, JSON.parse(text(row, 'variables'))) }),
  ...(isNull(row, 'speaks_for') ? {} : { speaksFor: Parse(names, JSON.parse(text(row, 'speaks_for'))) }),
  createdAt: time(row, 'created_at'),
}));
const variables = Type.Record(Type.String(), Type.String());
const names = Type.Array(Type.String());

export const deviceRow = (device: Device, revision: number): Tables['device'] => ({
  id: device.id,
  dev_eui: device.devEui ?? null,
  join_eui: device.joinEui ?? null,
  serial: device.serial ?? null,
  profile: device.profile,
  name: device.name,
  status: device.status,
  status_since: device.statusSince,
  variables: device.variables === undefined ? null : JSON.stringify(device.variables),
  speaks_for: device.speaksFor === undefined ? null : JSON.stringify(device.speaksFor),
  created_at: device.createdAt,
  revision,
});

/** A credential and what its holder must show: of a token the HMAC, of a certificate the SHA-256. */
export interface KnownCredential {
  readonly credential: Credential;
  readonly digest: Uint8Array;
}

export const credentialOf = reading('credential', (row): KnownCredential => {
  const digest = sha256(text(row, 'digest'));
  const kind = oneOf(credentialKinds, text(row, 'kind'));
  return {
    digest,
    credential: {
      id: credentialId(text(row, 'id')),
      device: deviceId(text(row, 'device')),
      kind,
      createdAt: time(row, 'created_at'),
      ...(isNull(row, 'expires_at') ? {} : { expiresAt: time(row, 'expires_at') }),
      ...(kind === 'certificate' ? { fingerprint: Buffer.from(digest).toString('hex') } : {}),
    },
  };
});

/** HMAC-SHA256 and SHA-256 give 32 bytes; anything else would make every comparison throw. */
const sha256 = (base64url: string): Uint8Array => {
  const digest = Buffer.from(base64url, 'base64url');
  if (digest.length !== 32) throw new TypeError('the digest has not 32 bytes');
  return digest;
};

/** The keys of a device as they are kept. */
export interface KnownLorawanKeys extends LorawanKeysHeld {
  readonly sealed: string;
}

export const lorawanKeysOf = reading('lorawan_keys', (row): KnownLorawanKeys => ({
  device: deviceId(text(row, 'device')),
  held: Parse(names, JSON.parse(text(row, 'held'))).map((name) => oneOf(lorawanKeyNames, name)),
  ...(isNull(row, 'dev_addr') ? {} : { devAddr: text(row, 'dev_addr') }),
  changedAt: time(row, 'changed_at'),
  sealed: text(row, 'sealed'),
}));

export const siteOf = reading('site', (row): Site => ({
  id: siteId(text(row, 'id')),
  name: text(row, 'name'),
  ...(isNull(row, 'street') ? {} : { street: text(row, 'street') }),
  ...(isNull(row, 'usrn') ? {} : { usrn: text(row, 'usrn') }),
  ...(isNull(row, 'postcode') ? {} : { postcode: text(row, 'postcode') }),
  ...(isNull(row, 'asset') ? {} : { asset: text(row, 'asset') }),
  ...(isNull(row, 'latitude') ? {} : { latitude: number(row, 'latitude') }),
  ...(isNull(row, 'longitude') ? {} : { longitude: number(row, 'longitude') }),
  ...(isNull(row, 'borough') ? {} : { borough: borough(text(row, 'borough')) }),
  ...(isNull(row, 'ward') ? {} : { ward: text(row, 'ward') }),
  ...(number(row, 'published') === 1 ? { published: true } : {}),
  createdAt: time(row, 'created_at'),
}));

export const siteRow = (site: Site, revision: number): Tables['site'] => ({
  id: site.id,
  name: site.name,
  street: site.street ?? null,
  usrn: site.usrn ?? null,
  postcode: site.postcode ?? null,
  asset: site.asset ?? null,
  latitude: site.latitude ?? null,
  longitude: site.longitude ?? null,
  borough: site.borough ?? null,
  ward: site.ward ?? null,
  published: site.published === true ? 1 : 0,
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

/** Words divided by blanks. */
const wordsOf = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

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
    ...(isNull(row, 'scopes') ? {} : { scopes: wordsOf(text(row, 'scopes')).map((word) => oneOf(scopes, word)) }),
    createdAt: time(row, 'created_at'),
    ...(isNull(row, 'expires_at') ? {} : { expiresAt: time(row, 'expires_at') }),
    ...(isNull(row, 'revoked_at') ? {} : { revokedAt: time(row, 'revoked_at') }),
  },
  digest: text(row, 'secret_digest'),
}));

export const namedGatewayOf = reading('named_gateway', (row): NamedGateway => ({
  id: text(row, 'id'),
  ...(isNull(row, 'name') ? {} : { name: text(row, 'name') }),
  ...(isNull(row, 'latitude') ? {} : { latitude: number(row, 'latitude') }),
  ...(isNull(row, 'longitude') ? {} : { longitude: number(row, 'longitude') }),
}));

/** What is gone. */
export type Removal =
  { readonly kind: 'device'; readonly id: DeviceId } | { readonly kind: 'rule'; readonly id: RuleId };

export const removalOf = reading('removal', (row): Removal => {
  const kind = oneOf(['device', 'rule'] as const, text(row, 'kind'));
  return kind === 'device' ? { kind, id: deviceId(text(row, 'id')) } : { kind, id: ruleId(text(row, 'id')) };
});

const detail = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]));

/** Who may have done something. */
export const actorKinds = ['command-line', 'account', 'key', 'kerbside'] as const;

export const auditOf = reading('audit', (row): AuditEntry => ({
  id: number(row, 'id'),
  at: time(row, 'at'),
  actor: { kind: oneOf(actorKinds, text(row, 'actor_kind')), name: text(row, 'actor') },
  action: oneOf(auditActions, text(row, 'action')),
  subject: { kind: oneOf(auditSubjects, text(row, 'subject_kind')), id: text(row, 'subject') },
  detail: Parse(detail, JSON.parse(text(row, 'detail'))),
}));
