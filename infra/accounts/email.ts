import { Invalid } from '../../device-profiles/vocabulary/index.ts';

/** RFC 5321, 4.5.3.1.3: a path has 256 octets with its brackets. */
const AT_MOST = 254;
/**
 * One @, something before it, a domain after it. What an address may be besides is for the mail server to say: this one
 * sends no mail, and an address is what a person signs in with.
 */
const shape = /^[^\s@"<>\\,;:()[\]]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/u;
const printable = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]+$/u;

/** An e-mail address as accounts are found by it: trimmed, NFKC, lower case. @throws Invalid (`email-invalid`). */
export const checkedEmail = (text: string): string => {
  const email = foldedEmail(text);
  if (email.length <= AT_MOST && printable.test(email) && shape.test(email)) return email;
  throw new Invalid(
    'email-invalid',
    `${JSON.stringify(text.slice(0, 80))} is not an e-mail address such as name@example.gov.uk`,
  );
};

/** The same without a check, for looking up what somebody typed. */
export const foldedEmail = (text: string): string => text.trim().normalize('NFKC').toLowerCase();
