/** Groups of four, the last of them padded, or cut short as senders do that leave the padding out. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * The bytes of base64, in either alphabet, with or without its padding (RFC 4648, 4 and 5). Undefined for anything
 * else: Node.js by itself skips what it does not know, and so makes a shorter payload of a damaged one.
 */
export const bytesOfBase64 = (text: string): Uint8Array | undefined => {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  return BASE64.test(standard) ? Buffer.from(standard, 'base64') : undefined;
};
