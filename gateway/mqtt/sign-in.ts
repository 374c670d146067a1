import { iso, type Clock } from '../../device-profiles/vocabulary/index.ts';
import { ReturnCode } from '../../infra/broker/refusals.ts';
import type { Authenticate, ClientCertificate, SignInRefusal } from '../../infra/broker/session.ts';
import { openSlowdown } from '../../infra/broker/slowdown.ts';
import type { Registry, SignedIn } from '../../infra/registry/contract.ts';
import { identityPrefix } from '../identity.ts';
import { endOf, type Session } from './session.ts';

/** What a CONNECT says of who sent it. */
interface Shown {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

/** Who it is, and when its certificate ends where that is what it signed in with. */
type Found = SignedIn & Pick<Session, 'certifiedTo'>;

/**
 * A device signs in with its certificate, if the registry knows the one that it showed, or with its id and token. Its
 * client id is its id, or its id with `:` or `-` and something of its own behind it.
 */
export const signInOf = (registry: Registry, clock: Clock): Authenticate<Session> => {
  const slowdown = openSlowdown(clock);
  return ({ clientId, willTopic, address, ...shown }) => {
    const found = whoIs(shown, registry, clock);
    if (found === undefined) return wrong(slowdown.failed(address));
    if ('refused' in found) return found;
    const { device, credential, certifiedTo } = found;
    const { id } = device;
    const topic = `devices/${id}/up`;
    const refuse = (refused: string, message: string): SignInRefusal => ({
      refused,
      returnCode: ReturnCode.notAuthorised,
      client: id,
      message: `a sign-in was refused: ${message}`,
    });
    if (clientId !== '' && clientId !== id && !clientId.startsWith(`${id}:`) && !clientId.startsWith(`${id}-`))
      return refuse('client-id-not-yours', 'the client id must be the device id, or begin with it and ":" or "-"');
    if (willTopic !== undefined && willTopic !== topic)
      return refuse('will-elsewhere', `a Will may only go to ${topic}`);
    const signedIn = { id, credential, ...(certifiedTo === undefined ? {} : { certifiedTo }) };
    const until = endOf(signedIn, registry);
    const identity = identityPrefix('mqtt', id);
    return { who: { name: id, ...signedIn, until, topic, ref: { by: 'id', value: id }, identity } };
  };
};

const wrong = (delayMs: number): SignInRefusal => ({
  refused: 'credentials-wrong',
  returnCode: ReturnCode.credentialsWrong,
  message: 'a sign-in was refused: no active device has this id and token, or this certificate',
  delayMs,
});

/** Undefined: nobody that we know. A certificate that nobody has registered says nothing, for or against. */
const whoIs = (
  { username, password, certificate }: Shown,
  registry: Registry,
  clock: Clock,
): Found | SignInRefusal | undefined => {
  const holder = certificate === undefined ? undefined : registry.authenticateCertificate(certificate.fingerprint);
  if (certificate === undefined || holder === undefined)
    return username === undefined || password === undefined
      ? undefined
      : registry.authenticateDevice(username, password);
  if (username !== undefined && username !== holder.device.id) return undefined;
  const { from, to } = certificate;
  const now = clock.now();
  if (from <= now && now < to) return { ...holder, certifiedTo: to };
  return {
    refused: 'certificate-out-of-date',
    returnCode: ReturnCode.credentialsWrong,
    client: holder.device.id,
    message: `a sign-in was refused: its certificate is good from ${iso(from)} to ${iso(to)} only`,
  };
};
