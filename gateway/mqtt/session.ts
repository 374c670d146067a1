import type { CredentialId, DeviceId, DeviceRef, Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Principal } from '../../infra/broker/session.ts';
import type { Registry } from '../../infra/registry/contract.ts';

/** Whose message it is, as the journal is told: worked out once for all messages of a device on a connection. */
export interface Voice {
  readonly ref: DeviceRef & { readonly by: 'id' };
  /** What the identity of each of its messages begins with. */
  readonly identity: Buffer;
  /** The gateway that speaks for it; undefined when it speaks for itself. */
  readonly via?: DeviceId;
}

/** A device that has signed in, on one connection. */
export interface Session extends Principal, Voice {
  readonly id: DeviceId;
  /** What it signed in with. */
  readonly credential: CredentialId;
  /** When its certificate ends; undefined when it signed in with a token. */
  readonly certifiedTo?: Instant;
  /** When what it signed in with ends, as far as that is known: made up anew after each change of the registry. */
  until: Instant | undefined;
  /** Where it publishes what it has to say itself. */
  readonly topic: string;
}

/** When what a session signed in with ends by itself; undefined: not until somebody takes it back. */
export const endOf = (
  { id, credential, certifiedTo }: Pick<Session, 'id' | 'credential' | 'certifiedTo'>,
  registry: Pick<Registry, 'credentials'>,
): Instant | undefined => {
  const expiresAt = registry.credentials(id).find((each) => each.id === credential)?.expiresAt;
  if (expiresAt === undefined || certifiedTo === undefined) return expiresAt ?? certifiedTo;
  return expiresAt < certifiedTo ? expiresAt : certifiedTo;
};

/** Why a message is not taken; a word of `mqttRefusals`. */
export interface MessageRefusal {
  readonly refused: 'topic-not-yours' | 'device-not-covered' | 'too-many-new-devices';
  readonly message: string;
}
