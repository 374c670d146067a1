import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock, ProfileId } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import { alertDeedChanges, alertDeedReads } from './alert-deeds.ts';
import { codecCaseChanges, codecCaseReads } from './codec-cases.ts';
import { alertLog } from './alerts.ts';
import { abpCounterTable } from './abp-counters.ts';
import { auditTrail, recordAs } from './audit.ts';
import { bulkChanges } from './bulk/put-devices.ts';
import type { Area } from './site-checks.ts';
import type { Actor, Changes, Credential, Registry, SignedIn } from './contract.ts';
import { calibrationChanges, holding } from './calibrations.ts';
import { openCredentials } from './credentials.ts';
import type { Database } from './database.ts';
import { deploymentChanges } from './deployments.ts';
import { deviceChanges } from './devices.ts';
import { openFollower, type Follower } from './follow.ts';
import { gatewayChanges } from './gateways.ts';
import { keyChanges } from './keys.ts';
import { heardTables } from './heard.ts';
import { lorawanKeyChanges, lorawanKeyReads } from './lorawan-keys.ts';
import { openMemory } from './memory.ts';
import { migrate } from './migrate.ts';
import { networkChanges, networkTables } from './network-tables.ts';
import { qualityChanges } from './quality.ts';
import { quarantineOf } from './quarantine.ts';
import { radioTables } from './radio.ts';
import { reprocessChanges, reprocessTable } from './reprocess.ts';
import { ruleChanges } from './rules.ts';
import { openSeal, type Seal } from './seal.ts';
import { openSecret } from './secret.ts';
import { siteChanges } from './sites.ts';
import { openSqliteDatabase } from './sqlite.ts';
import { credentialChanges } from './tokens.ts';
import { openUses, type Uses } from './uses.ts';
import { accountChanges } from './accounts/changes.ts';
import { joining } from './accounts/joining.ts';
import { secondFactor } from './accounts/second-factor.ts';
import { accountReads, sessionWrites } from './accounts/sessions.ts';
import { explaining, openWrite } from './write.ts';

export interface RegistryOptions {
  /** The SQLite file; made when it is missing, in a folder that is there. */
  readonly file: string;
  /** The secret behind all tokens and keys; made when it is missing and the registry is new. */
  readonly secretFile: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly knownProfile: (id: ProfileId) => boolean;
  /** All profiles, so that an error can name the one that was meant. */
  readonly profileIds?: () => readonly string[];
  /** Where sites may lie; anywhere unless given. */
  readonly area?: Area;
}

/**
 * Opens the registry in a SQLite file, which other processes may have open too.
 * @throws KerbsideError `registry-corrupt`, `registry-newer`, `registry-migration-failed`, `secret-missing`,
 * `secret-exposed`, `secret-short`, `secret-wrong`; Unavailable `registry-busy`.
 */
export const openRegistry = async (options: RegistryOptions): Promise<Registry> => {
  // SQLite gives its other files the mode of the first one. Digests are no secrets, but nobody else's matter either.
  closeSync(openSync(options.file, 'a', 0o600));
  const database = openSqliteDatabase(options.file);
  try {
    await migrate(database, basename(options.file));
    const secret = await explaining(database, () => openSecret(options.secretFile, database.db));
    const memory = openMemory();
    const follower = openFollower(database, memory, options.log);
    const seal = openSeal(secret, 'lorawan-keys');
    const accountSeal = openSeal(secret, 'accounts');
    const uses = openUses(database, options.log);
    return assemble(options, {
      database,
      follower,
      memory,
      credentials: openCredentials(secret),
      seal,
      accountSeal,
      uses,
    });
  } catch (error) {
    await database.close();
    throw error;
  }
};

interface Parts {
  readonly database: Database;
  readonly follower: Follower;
  readonly memory: ReturnType<typeof openMemory>;
  readonly credentials: ReturnType<typeof openCredentials>;
  readonly seal: Seal;
  readonly accountSeal: Seal;
  readonly uses: Uses;
}

const assemble = (
  { clock, knownProfile, profileIds, area }: RegistryOptions,
  { database, follower, memory, credentials, seal, accountSeal, uses }: Parts,
): Registry => {
  const write = openWrite(database, follower);
  const profiles = { known: knownProfile, all: profileIds ?? (() => []) };
  // What is not known may have been added a moment ago by the command line.
  const lookUp = <T>(find: () => T | undefined): T | undefined =>
    find() ?? (follower.catchUpAfterMiss() ? find() : undefined);
  const changesAs = (actor: Actor): Changes => {
    const record = recordAs(actor, clock);
    const parts = { write, record, credentials, profiles, clock, area };
    return {
      ...deviceChanges(parts),
      ...bulkChanges({ ...parts, memory, follower, seal }),
      ...deploymentChanges(parts),
      ...credentialChanges(parts),
      ...lorawanKeyChanges({ ...parts, seal }),
      ...calibrationChanges(parts),
      ...siteChanges(parts),
      ...gatewayChanges(parts),
      ...qualityChanges(parts),
      ...ruleChanges(parts),
      ...alertDeedChanges({ ...parts, database, actor }),
      ...codecCaseChanges({ ...parts, database, actor }),
      ...keyChanges(parts),
      ...networkChanges({ ...parts, database, actor }),
      ...accountChanges({ ...parts, database }),
      ...reprocessChanges({ ...parts, actor }),
    };
  };
  const isGood = ({ expiresAt }: Credential): boolean => expiresAt === undefined || clock.now() < expiresAt;
  const signedIn = ({ id, device }: Credential): SignedIn | undefined => {
    const holder = memory.device({ by: 'id', value: device });
    return holder === undefined || holder.status === 'retired' ? undefined : { device: holder, credential: id };
  };
  let closed: Promise<void> | undefined;
  return {
    device: (ref) => lookUp(() => memory.device(ref)),
    devices: memory.devices,
    site: (id) => lookUp(() => memory.site(id)),
    sites: memory.sites,
    deployment: memory.deployment,
    deployments: memory.deployments,
    rules: memory.rules,
    calibrations: memory.calibrations,
    calibration: (device, quantity, at) => holding(memory.calibrations(device), quantity, at),
    namedGateway: memory.namedGateway,
    keys: memory.keys,
    quality: memory.quality,
    authenticateDevice: (id, token) =>
      lookUp(() => {
        const kept = memory
          .credentials(id)
          .filter(({ credential }) => credential.kind === 'token' && isGood(credential));
        const place = credentials.matching(
          id,
          token,
          kept.map(({ digest }) => digest),
        );
        const match = place === undefined ? undefined : kept[place];
        return match === undefined ? undefined : signedIn(match.credential);
      }),
    authenticateCertificate: (fingerprint) =>
      lookUp(() => {
        const credential = memory.certificate(fingerprint);
        return credential === undefined || !isGood(credential) ? undefined : signedIn(credential);
      }),
    holds: ({ device, credential }) =>
      memory
        .credentials(device)
        .some(({ credential: held }) => held.id === credential && isGood(held) && signedIn(held) !== undefined),
    credentials: (device) =>
      memory.credentials(device).flatMap(({ credential }) => (isGood(credential) ? [credential] : [])),
    ...lorawanKeyReads(memory, seal),
    authenticateKey: (text) => {
      const key = lookUp(() => memory.key(credentials.ofKey(text)));
      if (
        key === undefined ||
        key.revokedAt !== undefined ||
        (key.expiresAt !== undefined && clock.now() >= key.expiresAt)
      )
        return undefined;
      uses.noteKey(key.id, clock.now());
      return key;
    },
    keyUse: () => uses.keys(),
    ...accountReads({ database, credentials, clock, uses }),
    ...sessionWrites({ database, credentials, clock, uses }),
    ...joining({ database, credentials, clock }),
    ...secondFactor({ database, credentials, clock, seal: accountSeal }),
    ...changesAs({ kind: 'kerbside', name: 'kerbside' }),
    as: changesAs,
    ...auditTrail(database),
    ...alertLog(database),
    ...alertDeedReads(database),
    ...codecCaseReads(database),
    ...quarantineOf(database),
    ...heardTables(database),
    ...abpCounterTable(database),
    ...radioTables(database),
    ...networkTables(database, credentials),
    ...reprocessTable(database),
    onChange: follower.onChange,
    refresh: async () => {
      follower.catchUp();
    },
    close: () => {
      follower.close();
      closed ??= uses.close().then(() => database.close());
      return closed;
    },
  };
};
