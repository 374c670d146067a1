/** A terminal obeys control characters, and neither a device nor a codec must command it: each is shown as a dot. */
export const plain = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '.');
