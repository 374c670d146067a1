const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text as it may stand in an SVG, in an element or between quotes. What XML forbids is left out. */
export const escaped = (words: string): string =>
  words
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/[&<>"']/g, (character) => entities.get(character) ?? character);

/** Words in a picture that has room for so many letters; who reads its title and description has all of them. */
export const inBrief = (words: string, letters: number): string => {
  const all = Array.from(words);
  return all.length <= letters ? words : `${all.slice(0, Math.max(1, letters - 1)).join('')}…`;
};

/** A place in a picture, to a tenth. */
export const tenth = (value: number): number => Math.round(value * 10) / 10;

/** A line of text in a picture. `more` is attributes of ours, never words of others. */
export const textAt = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${tenth(x)}" y="${tenth(y)}"${more === '' ? '' : ` ${more}`}>${escaped(words)}</text>`;
