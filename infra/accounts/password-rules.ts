import { Invalid } from '../../device-profiles/vocabulary/index.ts';

/**
 * NIST SP 800-63B-4, 3.1.1.2: 15 characters where a password may be all there is, no rules on which kinds of characters,
 * no change without cause; commonest and guessable ones refused. NCSC's three random words have about as many.
 */
export const PASSWORD_AT_LEAST = 15;
/** NIST asks for 64 at least; a text of megabytes would be hashed as well. */
export const PASSWORD_AT_MOST = 200;

/** Words that lead the published lists of what people choose; keyboards' rows and counting among them. */
const commonest = (
  'password passw0rd passwort passphrase secret letmein welcome admin administrator root login user guest master test testing ' +
  'qwertyuiop qwerty asdfghjkl asdfgh zxcvbnm zxcvbn azerty 1q2w3e4r5t 1q2w3e4r 1qaz2wsx qazwsx q1w2e3r4 1234567890 0987654321 123456789 12345678 ' +
  '1234567 123456 12345 1234 123123 123321 654321 54321 4321 112233 111111 000000 666666 696969 121212 abcdefgh abcdef abc123 abcd abc ' +
  'iloveyou ilove loveyou lovely love princess sunshine monkey dragon football baseball superman batman shadow michael jennifer jordan hunter ' +
  'ashley charlie daniel thomas trustno1 starwars whatever freedom computer internet pokemon pepper ginger cheese summer winter spring autumn ' +
  'january february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday ' +
  'liverpool arsenal chelsea everton manchester united england london council borough highways kerbside sensor sensors street changeme default ' +
  'change please hello correcthorsebatterystaple correct horse battery staple thisisa thisismy ismy mypassword the is my new'
).split(' ');
/** Longest first, so that what lies in a longer one is not cut out of it. */
const known = [...new Set(commonest)].toSorted((a, b) => b.length - a.length);

/** Digits and signs that stand for letters. */
const letters = new Map([
  ['0', 'o'],
  ['1', 'i'],
  ['3', 'e'],
  ['4', 'a'],
  ['5', 's'],
  ['7', 't'],
  ['8', 'b'],
  ['@', 'a'],
  ['$', 's'],
  ['!', 'i'],
]);
const plainly = (text: string): string => Array.from(text, (sign) => letters.get(sign) ?? sign).join('');

/** So much must be left of a password when everything guessable is taken out of it. */
const OWN_AT_LEAST = 6;
/** Of fewer different characters the rest is repetition. */
const DIFFERENT_AT_LEAST = 5;
/** A shorter part of a name is in many words. */
const NAME_PART_AT_LEAST = 4;

/**
 * Refuses passwords that are too short, that many have, or that say who they belong to. What is refused is not repeated.
 * @throws Invalid (`password-short`, `password-long`, `password-common`, `password-personal`).
 */
export const checkPassword = (
  password: string,
  { name, email, service }: { readonly name: string; readonly email: string; readonly service: string },
): void => {
  const length = Array.from(password).length;
  if (length < PASSWORD_AT_LEAST)
    throw new Invalid(
      'password-short',
      `A password needs ${PASSWORD_AT_LEAST} characters at least; three random words do well`,
    );
  if (length > PASSWORD_AT_MOST)
    throw new Invalid('password-long', `A password has ${PASSWORD_AT_MOST} characters at most`);
  const folded = password.normalize('NFKC').toLowerCase();
  const own = [...parts(name), ...parts(email.split('@', 1)[0] ?? ''), ...parts(service)];
  if (own.some((part) => folded.includes(part) || plainly(folded).includes(plainly(part))))
    throw new Invalid(
      'password-personal',
      'A password must not contain your name, your e-mail address or the name of this service',
    );
  if (new Set(folded).size < DIFFERENT_AT_LEAST || ownSigns(folded) < OWN_AT_LEAST)
    throw new Invalid(
      'password-common',
      'That password is made of what many people choose, and would be guessed; three random words do well',
    );
};

const parts = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part.length >= NAME_PART_AT_LEAST);

/** How many signs are left when everything guessable is taken out, as it is and then with letters for what stands for them. */
const ownSigns = (folded: string): number =>
  withoutKnown(plainly(withoutKnown(folded))).replaceAll(/[^\p{L}\p{N}]|(.)(?=\1)/gu, '').length;

const withoutKnown = (text: string): string => known.reduce((rest, word) => rest.replaceAll(word, ' '), text);
