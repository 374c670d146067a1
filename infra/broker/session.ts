import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import type { ReturnCode } from './refusals.ts';

/** Whoever signed in: one name for each principal, whatever its connections call themselves. */
export interface Principal {
  readonly name: string;
}

/**
 * The X.509 certificate that a client showed in its TLS handshake, which has proved that it holds the key to it (or
 * resumes a session whose beginning did). Nothing else of it has been looked at: not who signed it, not its dates.
 */
export interface ClientCertificate {
  /** SHA-256 of its DER form, lower-case hex. */
  readonly fingerprint: string;
  /** Its `notBefore` and `notAfter` (RFC 5280, 4.1.2.5), between which it is good. */
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * What a CONNECT asks for. The client id has passed `A-Z a-z 0-9 . _ : -`, 1 to 64; it is empty when the client leaves
 * the choice to us.
 */
interface SignIn {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly willTopic: string | undefined;
  /** Undefined without TLS, without a certificate, and where the listener asks for none. */
  readonly certificate: ClientCertificate | undefined;
  readonly address: string;
}

export interface SignInRefusal {
  /** A word of a closed list: the metric's label. */
  readonly refused: string;
  readonly returnCode: ReturnCode;
  /** For the log: who, as far as that is known. */
  readonly client?: string;
  readonly message: string;
  /** How long to wait before saying so. */
  readonly delayMs?: number;
}

/** Answers at once, from memory. */
export type Authenticate<Who extends Principal> = (signIn: SignIn) => { readonly who: Who } | SignInRefusal;

/** A message as a client published it. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  /** The client says that it may have sent this before (DUP). */
  readonly redelivered: boolean;
  /** 1 to 65535; 0 for QoS 0 and Wills. */
  readonly packetId: number;
}

/** Why a message is not taken: its connection is closed, which is all that MQTT 3.1.1 has to say it with. */
interface PublishRefusal {
  readonly refused: string;
  readonly message: string;
}

/**
 * Decides on a message and, where that is the way of the house, keeps it: the client's PUBACK or PUBREC goes out when
 * `answer` is called without a refusal and not before. It runs again for a QoS 2 message that is sent again.
 */
export type AuthorizePublish<Who extends Principal> = (
  who: Who,
  message: Incoming,
  answer: (refusal?: PublishRefusal) => void,
) => void;

/** Whether that filter may be subscribed to. `$...` has been refused already. */
export type AuthorizeSubscribe<Who extends Principal> = (who: Who, filter: string) => boolean;
