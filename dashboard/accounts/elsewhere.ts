import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  ClientError,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { Type, type Static } from 'typebox';
import { Check } from 'typebox/value';
import { KerbsideError, Unavailable, type Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Config } from '../../infra/config/schema.ts';
import { cookieOf, setCookie } from '../../infra/http/cookies.ts';
import type { Log } from '../../infra/logging/index.ts';
import type { Account, Registry } from '../../infra/registry/contract.ts';
import { mappedRole, roleMap } from './mapped-role.ts';

/** A request and its answer, whose cookies tie the two halves of a sign-in together. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Why nobody came in. `no-role`: the service knows who it is, and none of his words there gives a role here. */
export type Refusal =
  'not-begun-here' | 'refused-there' | 'answer-invalid' | 'claims-missing' | 'no-role' | 'account-refused';

/** Signing in by OpenID Connect: the code flow with PKCE, state and nonce, at one issuer. */
export interface Elsewheres {
  /** The address there to which the browser goes. @throws Unavailable (`elsewhere-unavailable`). */
  begin(exchange: Exchange, back: string): Promise<string>;
  /** What came back. @throws Unavailable (`elsewhere-unavailable`). */
  finish(
    exchange: Exchange,
  ): Promise<
    { readonly account: Account; readonly back: string } | { readonly refused: Refusal; readonly detail?: string }
  >;
  /** The address at which one signs out there as well; undefined where it has none or does not answer. */
  endHref(exchange: Pick<Exchange, 'request'>): Promise<string | undefined>;
}

/** A sign-in that is under way, sealed in a cookie: nothing is kept for strangers who begin and never come back. */
const UnderWay = Type.Object({
  state: Type.String(),
  nonce: Type.String(),
  verifier: Type.String(),
  back: Type.String(),
  at: Type.Number(),
});
/** Time for a password and a second factor there. */
const UNDER_WAY_MS = 10 * 60_000;
const CALLBACK = '/sign-in/elsewhere/back';

export interface ElsewhereParts {
  readonly config: Config;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

/** Undefined where no issuer is configured. */
export const openElsewhere = (parts: ElsewhereParts): Elsewheres | undefined => {
  const { oidc, http } = parts.config;
  const { issuer, clientId, clientSecret } = oidc;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || http.publicUrl === undefined)
    return undefined;
  const base = http.publicUrl.replace(/\/$/, '');
  const service = openService({ issuer, clientId, clientSecret });
  const roles = roleMap(oidc.roles);
  return {
    async begin(exchange, back) {
      const there = await service();
      const under: Static<typeof UnderWay> = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
        back,
        at: parts.clock.now(),
      };
      setCookie(exchange, 'elsewhere', {
        value: parts.registry.sealWords('elsewhere', JSON.stringify(under)),
        seconds: UNDER_WAY_MS / 1000,
      });
      return buildAuthorizationUrl(there, {
        redirect_uri: `${base}${CALLBACK}`,
        scope: 'openid profile email',
        state: under.state,
        nonce: under.nonce,
        code_challenge: await calculatePKCECodeChallenge(under.verifier),
        code_challenge_method: 'S256',
      }).href;
    },
    async finish(exchange) {
      const under = underWay(parts, exchange);
      // Good for one answer, right or wrong.
      setCookie(exchange, 'elsewhere', { value: '' });
      if (under === undefined) return { refused: 'not-begun-here' };
      const claims = await claimsOf(await service(), {
        under,
        url: new URL(exchange.request.url, `${base}/`),
        log: parts.log,
      });
      if (typeof claims === 'string') return { refused: claims };
      const role = mappedRole(claims[oidc.rolesClaim], roles);
      const [email, name] = [textOf(claims['email']) ?? textOf(claims['preferred_username']), textOf(claims['name'])];
      const subject = textOf(claims['sub']);
      if (subject === undefined || email === undefined) return { refused: 'claims-missing' };
      if (role === undefined) {
        await parts.registry.refuseElsewhere({ issuer, subject });
        return { refused: 'no-role' };
      }
      try {
        return {
          account: await parts.registry.signInElsewhere({
            issuer,
            subject,
            email,
            name: (name ?? email).slice(0, 120),
            role,
          }),
          back: under.back,
        };
      } catch (error) {
        if (!(error instanceof KerbsideError) || error instanceof Unavailable) throw error;
        return { refused: 'account-refused', detail: error.message };
      }
    },
    async endHref() {
      try {
        return buildEndSessionUrl(await service(), { post_logout_redirect_uri: `${base}/signed-out` }).href;
      } catch {
        return undefined;
      }
    },
  };
};

const textOf = (claim: unknown): string | undefined => (typeof claim === 'string' && claim !== '' ? claim : undefined);

/** What the service says of itself, asked once; a failure is asked again by the next one. */
const openService = ({
  issuer,
  clientId,
  clientSecret,
}: {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}) => {
  let known: Promise<Configuration> | undefined;
  // On loopback, where the configuration allows it, there is no TLS; signatures are checked in either case.
  const execute = [enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [allowInsecureRequests] : [])];
  return async (): Promise<Configuration> => {
    known ??= discovery(new URL(issuer), clientId, clientSecret, undefined, { execute, timeout: 10 });
    try {
      return await known;
    } catch (cause) {
      known = undefined;
      throw new Unavailable(
        'elsewhere-unavailable',
        'the service by which people sign in does not answer, or says that it is another one than oidc.issuer',
        { cause },
      );
    }
  };
};

const underWay = ({ registry, clock }: ElsewhereParts, { request }: Exchange): Static<typeof UnderWay> | undefined => {
  const sealed = cookieOf(request, 'elsewhere');
  const words = sealed === undefined ? undefined : registry.openWords('elsewhere', sealed);
  const found: unknown = words === undefined ? undefined : JSON.parse(words);
  return Check(UnderWay, found) && clock.now() - found.at < UNDER_WAY_MS ? found : undefined;
};

/**
 * The claims of the ID token: state, issuer, audience, expiry, nonce and signature were checked (OpenID Connect Core 1.0,
 * 3.1.3.7). What the service or the library says of a wrong one goes into the log, without the token.
 */
const claimsOf = async (
  there: Configuration,
  { under, url, log }: { readonly under: Static<typeof UnderWay>; readonly url: URL; readonly log: Log },
): Promise<Readonly<Record<string, unknown>> | Refusal> => {
  try {
    const tokens = await authorizationCodeGrant(there, url, {
      pkceCodeVerifier: under.verifier,
      expectedState: under.state,
      expectedNonce: under.nonce,
      idTokenExpected: true,
    });
    return { ...tokens.claims() };
  } catch (error) {
    const said =
      error instanceof Error && 'error' in error && typeof error.error === 'string' ? error.error : undefined;
    const code =
      error instanceof ClientError || (error instanceof Error && 'code' in error) ? String(error.code) : undefined;
    log.warn(
      { reason: 'elsewhere-refused', code: said ?? code ?? 'unknown' },
      'a sign-in by another service was refused',
    );
    return said === undefined ? 'answer-invalid' : 'refused-there';
  }
};
