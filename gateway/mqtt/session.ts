import type { CredentialId, DeviceId, DeviceRef, Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Principal } from '../../infra/broker/session.ts';

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
  /** Until when its certificate is good; undefined when it signed in with a token. */
  readonly until?: Instant;
  /** Where it publishes what it has to say itself. */
  readonly topic: string;
}

/** Why a message is not taken; a word of `mqttRefusals`. */
export interface MessageRefusal {
  readonly refused: 'topic-not-yours' | 'device-not-covered' | 'too-many-new-devices';
  readonly message: string;
}
