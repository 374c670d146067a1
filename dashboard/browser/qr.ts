import jsQR from 'jsqr';

/**
 * Reads a QR code in a picture, for browsers that cannot do so themselves. A bundle of its own, loaded only then: it is
 * larger than everything else together. Answers the code's text; undefined where there is none.
 */
export const readQr = ({ data, width, height }: ImageData): string | undefined =>
  jsQR(data, width, height, { inversionAttempts: 'attemptBoth' })?.data;
