/**
 * A terminal obeys control characters, and some characters turn the words behind them round; neither a device, nor a
 * codec, nor a stranger's repository must command it: each such character, and each end of a line, is shown as a dot.
 */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, '.');
