import { Type } from 'typebox';
import { section } from './shapes.ts';

/** Settings of how people sign in. */

/** A role that a person can have. */
const roleWord = 'viewer|operator|engineer|partner|administrator';

/** How long a session lasts, and who needs a second factor: `signIn`. */
export const signIn = section(
  {
    idleMinutes: Type.Integer({
      minimum: 5,
      maximum: 10080,
      default: 60,
      description: 'A session in which nobody opens or sends anything for so long ends.',
    }),
    lastsHours: Type.Integer({
      minimum: 1,
      maximum: 720,
      default: 24,
      description: 'A session ends after so long, however it is used.',
    }),
    secondFactorFor: Type.String({
      default: '',
      pattern: `^$|^(${roleWord})(,(${roleWord}))*$`,
      description: 'Roles that must have a second factor, divided by commas; others may.',
    }),
  },
  'How people sign in',
);

/** Signing in at another service: `oidc`. */
export const oidc = section(
  {
    issuer: Type.Optional(
      Type.String({
        pattern: '^https?://[^?#\\s]+$',
        description:
          'The issuer, exactly as it names itself: for Entra ID https://login.microsoftonline.com/TENANT/v2.0, ' +
          'with the id of your tenant.',
      }),
    ),
    clientId: Type.Optional(Type.String({ description: 'As that service knows us.' })),
    clientSecret: Type.Optional(Type.String({ description: 'Better in the environment than in a file.' })),
    name: Type.String({
      default: 'Microsoft',
      maxLength: 40,
      description: 'What people call that service: "Sign in with ...".',
    }),
    rolesClaim: Type.String({
      default: 'roles',
      pattern: '^[\\w.:/-]{1,100}$',
      description: 'The claim of the ID token that lists what somebody is there.',
    }),
    roles: Type.String({
      default: '',
      pattern: `^$|^[^=,]+=(${roleWord})(,[^=,]+=(${roleWord}))*$`,
      description:
        'Which of its words gives which role, as Kerbside.Engineers=engineer, divided by commas; ' +
        'of several the highest. Who has none has no account.',
    }),
  },
  'Signing in by OpenID Connect',
);
