import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration } from 'oidc-provider';

/** Somebody who is known to the other service. */
export interface Known {
  readonly email?: string;
  readonly name?: string;
  readonly roles?: readonly string[];
}

/** A real OpenID Connect provider on loopback; whoever comes is signed in as `who` says, without a page of its own. */
export interface OwnProvider {
  readonly issuer: string;
  readonly people: Map<string, Known>;
  who: string;
  /** Alters what the token endpoint answers, as a provider that is not what it should be. */
  tamper: ((answer: Record<string, unknown>) => Record<string, unknown>) | undefined;
  /** A token with other claims, signed by this very provider. */
  resigned(token: string, change: Readonly<Record<string, unknown>>): string;
  close(): Promise<void>;
}

export const openProvider = async (
  redirectUris: () => readonly string[],
  clientId = 'kerbside',
  clientSecret = 'a secret of at least thirty-two characters',
): Promise<OwnProvider> => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let answer: ReturnType<Provider['callback']> | undefined;
  const own: { who: string; tamper: OwnProvider['tamper'] } = { who: 'nobody', tamper: undefined };
  const people = new Map<string, Known>();
  const server: Server = createServer((request, response) => {
    if (own.tamper !== undefined && request.url?.startsWith('/token') === true) {
      const chunks: Buffer[] = [];
      const { tamper } = own;
      response.write = (chunk: unknown) =>
        (typeof chunk === 'string' || chunk instanceof Uint8Array) && chunks.push(Buffer.from(chunk)) > 0;
      const end = response.end.bind(response);
      response.end = ((chunk?: unknown) => {
        if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
        const body: Record<string, unknown> = JSON.parse(Buffer.concat(chunks).toString());
        const altered = JSON.stringify(tamper(body));
        response.removeHeader('content-length');
        return end(altered);
      }) as typeof response.end;
    }
    void answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris()],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { openid: ['sub', 'roles'], email: ['email'], profile: ['name'] },
    conformIdTokenClaims: false,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'own', alg: 'RS256', use: 'sig' }] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    cookies: { keys: ['for tests only'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people.get(id), roles: [...(people.get(id)?.roles ?? [])] }),
    }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
  };
  const provider = new Provider(issuer, configuration);
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    const { prompt, params, grantId } = await provider.interactionDetails(context.req, context.res);
    if (prompt.name === 'login') {
      await provider.interactionFinished(
        context.req,
        context.res,
        { login: { accountId: own.who, remember: false } },
        { mergeWithLastSubmission: false },
      );
      context.respond = false;
      return;
    }
    const grant =
      (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
      new provider.Grant({ accountId: own.who, clientId: String(params['client_id']) });
    grant.addOIDCScope('openid email profile');
    grant.addOIDCClaims(['roles', 'email', 'name']);
    await provider.interactionFinished(
      context.req,
      context.res,
      { consent: { grantId: await grant.save() } },
      { mergeWithLastSubmission: true },
    );
    context.respond = false;
  });
  answer = provider.callback();
  return {
    issuer,
    people,
    get who() {
      return own.who;
    },
    set who(id) {
      own.who = id;
    },
    get tamper() {
      return own.tamper;
    },
    set tamper(work) {
      own.tamper = work;
    },
    resigned: (token, change) => {
      const [head = '', body = ''] = token.split('.');
      const claims: Record<string, unknown> = JSON.parse(Buffer.from(body, 'base64url').toString());
      const signed = `${head}.${Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')}`;
      return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
