/** A stranger's words, fit for one line of a report, a comment or a log: printable, and not long. */
export const oneLine = (text: string, atMost = 160): string =>
  Array.from(
    text
      .slice(0, 2 * atMost)
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim(),
  )
    .slice(0, atMost)
    .join('');
