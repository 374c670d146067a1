import { randomUUID } from 'node:crypto';
import type { AedesOptions, AuthenticateError, ConnectPacket } from 'aedes';
import type { BrokerParts } from './broker.ts';
import type { Decisions } from './decisions.ts';
import { Refused, ReturnCode } from './refusals.ts';
import type { Principal, SignInRefusal } from './session.ts';
import type { Visitor, Visitors } from './visitors.ts';

/**
 * MQTT allows more; MQTT 3.1's 23 characters are too few for a device id. None of these is a wildcard or a separator.
 */
const clientIds = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * Decides on a CONNECT when it comes, and tells its sender when aedes asks: the answer to a wrong password may be a
 * slow one.
 */
export const signInHooks = <Who extends Principal>(
  parts: BrokerParts<Who>,
  visitors: Visitors<Who>,
  decisions: Decisions,
): Required<Pick<AedesOptions, 'preConnect' | 'authenticate'>> => ({
  preConnect: (client, packet, callback) => {
    const visitor = visitors.of(client);
    if (visitor === undefined || decisions.closing) {
      callback(new Refused('closing'), false);
      return;
    }
    const verdict = judge(packet, visitor, parts);
    const refusal =
      'refused' in verdict
        ? verdict
        : visitors.sessionsOf(verdict.who.name) >= parts.limits.maxSessionsPerPrincipal
          ? full(verdict.who.name)
          : undefined;
    if (refusal !== undefined) {
      visitor.refusal = refusal;
      visitor.settled = true;
      visitor.barred = true;
      visitors.refuse(visitor, refusal.refused, refusal.message);
      packet.clientId = 'refused';
    } else if ('who' in verdict) {
      // aedes finds sessions by client id: with the principal before it, nobody's id is that of another's session.
      // And none outlives its connection: nothing waits here for who is away, and the journal knows what is sent again.
      packet.clean = true;
      packet.clientId = `${verdict.who.name}/${packet.clientId === '' ? `~${randomUUID()}` : packet.clientId}`;
      visitors.signIn(visitor, verdict.who);
    }
    callback(null, true);
  },

  authenticate: (client, _username, _password, done) => {
    const visitor = visitors.of(client);
    if (visitor?.who !== undefined) {
      done(null, true);
      return;
    }
    const { refused, returnCode, delayMs = 0 } = visitor?.refusal ?? full('');
    const error: AuthenticateError = Object.assign(new Refused(refused), { returnCode });
    if (delayMs === 0) done(error, null);
    else setTimeout(() => done(error, null), delayMs).unref();
  },
});

const judge = <Who extends Principal>(
  packet: ConnectPacket,
  { address, certificate }: Visitor<Who>,
  { authenticate }: BrokerParts<Who>,
): { readonly who: Who } | SignInRefusal => {
  const { clientId } = packet;
  // Without a name there is nothing to find the session by again: return code 2 [MQTT-3.1.3-8], which aedes does not
  // give.
  if (clientId === '' && packet.clean !== true) return badClientId('an empty client id needs a clean session');
  if (clientId !== '' && !clientIds.test(clientId))
    return badClientId('a client id must be 1 to 64 of A-Z a-z 0-9 . _ : -');
  return authenticate({
    clientId,
    username: packet.username,
    password: packet.password?.toString('utf8'),
    willTopic: packet.will?.topic,
    certificate,
    address,
  });
};

const badClientId = (why: string): SignInRefusal => ({
  refused: 'client-id-invalid',
  returnCode: ReturnCode.clientIdRejected,
  message: `a sign-in was refused: ${why}`,
});

const full = (client: string): SignInRefusal => ({
  refused: 'too-many-sessions',
  returnCode: ReturnCode.serverUnavailable,
  client,
  message: 'a sign-in was refused: too many connections under one name',
});
