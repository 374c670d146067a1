/**
 * Why the broker turned a connection, a message or a subscription away: the word in the log and the `reason` of
 * `kerbside_refused_total`. Whoever opens a broker adds words of their own for what their hooks refuse.
 */
export const brokerRefusals = [
  'too-many-connections',
  'too-many-from-address',
  'too-many-sessions',
  'too-many-subscriptions',
  'tls-handshake',
  'connect-timeout',
  'connect-too-large',
  'not-mqtt',
  'protocol-unsupported',
  'protocol-error',
  'packet-too-large',
  'client-id-invalid',
  'topic-reserved',
  'subscription-refused',
  'will-stray',
  'reader-too-slow',
] as const;
export type BrokerRefusal = (typeof brokerRefusals)[number];

/** What a CONNACK says, MQTT 3.1.1, table 3.1. */
export const ReturnCode = {
  protocolUnsupported: 1,
  clientIdRejected: 2,
  serverUnavailable: 3,
  credentialsWrong: 4,
  notAuthorised: 5,
} as const;
export type ReturnCode = (typeof ReturnCode)[keyof typeof ReturnCode];

/** Ends a connection inside aedes without a PUBACK; counted and logged where it is made, so nowhere else. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
