import { randomInt } from 'node:crypto';

/** Enough for years, and fits on a card. */
export const RECOVERY_CODES = 10;
/** Without i, l, o and u, which are misread (Crockford's base 32). */
const SIGNS = '0123456789abcdefghjkmnpqrstvwxyz';
const SIGNS_A_CODE = 10;

/** Codes of 50 random bits, as `4k7tq-x9m2d`, each good once instead of a code of the app. */
export const newRecoveryCodes = (): readonly string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const signs = Array.from({ length: SIGNS_A_CODE }, () => SIGNS.charAt(randomInt(SIGNS.length))).join('');
    return `${signs.slice(0, 5)}-${signs.slice(5)}`;
  });

/** A code as it is compared, whatever way it was typed. */
export const foldedRecoveryCode = (typed: string): string =>
  typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');

/** Whether a text can be a recovery code at all, and not one of the app. */
export const looksLikeRecoveryCode = (typed: string): boolean => foldedRecoveryCode(typed).length === SIGNS_A_CODE;
