const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const openers = new Set([0x5b, 0x7b]);
const closers = new Set([0x5d, 0x7d]);

/** Levels of nesting that a message may have. Street sensors use three; a message of brackets only is an attack. */
export const DEPTH_AT_MOST = 8;

/**
 * Whether JSON text nests deeper than `DEPTH_AT_MOST`, told before it is parsed. Nearly every message has fewer
 * brackets than that altogether and is let through after a glance; the others are walked once. Text that is no JSON
 * gets some answer.
 */
export const tooDeep = (text: string): boolean => {
  let brackets = 0;
  for (const opener of ['{', '['] as const) {
    for (let at = text.indexOf(opener); at !== -1 && brackets <= DEPTH_AT_MOST; at = text.indexOf(opener, at + 1))
      brackets += 1;
  }
  return brackets > DEPTH_AT_MOST && walksTooDeep(text);
};

const walksTooDeep = (text: string): boolean => {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (openers.has(code)) {
      depth += 1;
      if (depth > DEPTH_AT_MOST) return true;
    } else if (closers.has(code)) depth -= 1;
  }
  return false;
};
