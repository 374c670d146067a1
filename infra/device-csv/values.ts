import { Invalid, parseIso, type Instant } from '../../device-profiles/vocabulary/index.ts';

const shown = (cell: string): string => JSON.stringify(cell.slice(0, 80));

/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection). */
const formula = /^[=+\-@]/;
/** With an apostrophe before it, it is a text like any other: so our own files have it. */
const guarded = /^'+[=+\-@]/;

/** The text without the blanks around it and without its guard. @throws Invalid (`formula`). */
export const textOf = (cell: string): string => {
  const text = cell.trim();
  if (guarded.test(text)) return text.slice(1);
  if (!formula.test(text)) return text;
  throw new Invalid(
    'formula',
    `${shown(text)} begins like a formula of a spreadsheet: write the value itself, or an apostrophe before it if it is meant as a text`,
  );
};

/** A text with a guard where it needs one: `textOf` gives the text back. */
export const guardedText = (text: string): string => (formula.test(text) || guarded.test(text) ? `'${text}` : text);

/** A number as a spreadsheet writes one that is very large or very small. */
const spreadsheets = /^\d+(?:[.,]\d+)?E[+-]?\d+$/i;
/** Whether a spreadsheet has made a number of what may have been hexadecimal; without a sign it may be just that. */
export const isSpreadsheets = (text: string): boolean => spreadsheets.test(text) && /[+-]/.test(text);
const asNumber =
  'a spreadsheet made a number of it, and its digits are lost: format the column as text and paste it anew';

/** A number with a point. @throws Invalid (`formula`, `number-invalid`). */
export const numberOf = (cell: string): number => {
  const text = cell.trim().replace(/^'(?=[+-])/, '');
  if (/^[+-]?\d{1,15}(?:\.\d{1,20})?$/.test(text)) return Number(text);
  if (/^[=@]/.test(text)) throw new Invalid('formula', `${shown(text)} is a formula: write the number itself`);
  const advice = /^[+-]?\d+,\d+$/.test(text)
    ? `write it with a point, ${text.replace(',', '.')}`
    : 'write it as 53.4106 or -2.1575, without a unit';
  throw new Invalid('number-invalid', `${shown(text)} is not a number: ${advice}`);
};

/** Eight digits; what spreadsheets make of them is said. @throws Invalid (`formula`, `usrn-invalid`). */
export const usrnOf = (cell: string): string => {
  const text = textOf(cell);
  if (/^\d{8}$/.test(text)) return text;
  const why = spreadsheets.test(text)
    ? asNumber
    : /^\d{1,7}$/.test(text)
      ? `a spreadsheet seems to have dropped the zeros in front: write ${text.padStart(8, '0')}, in a column that is formatted as text`
      : 'it must be 8 digits, with the zeros in front';
  throw new Invalid('usrn-invalid', `${shown(text)} is not a USRN: ${why}`);
};

/** An EUI for the registry to check; what a spreadsheet made of one is caught here. @throws Invalid (`formula`, `invalid-id`). */
export const euiOf = (cell: string): string => {
  const text = textOf(cell);
  // Milesight's EUIs all begin with 24E1.
  if (isSpreadsheets(text)) throw new Invalid('invalid-id', `${shown(text)} is not an EUI: ${asNumber}`);
  if (/^\d{10,15}$/.test(text))
    throw new Invalid(
      'invalid-id',
      `${shown(text)} is not an EUI: it has ${text.length} digits, not 16; a spreadsheet may have dropped the zeros in front`,
    );
  return text;
};

/** A day (its beginning, UTC) or a time. @throws Invalid (`formula`, `time-invalid`). */
export const timeOf = (cell: string): Instant => {
  const text = textOf(cell);
  const time = parseIso(text);
  if (time !== undefined) return time;
  throw new Invalid('time-invalid', `${shown(text)} is not a date: ${adviceOn(text)}`);
};

const adviceOn = (text: string): string => {
  const [, first = '', second = '', year = ''] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b/.exec(text) ?? [];
  const british = isoDay(year, second, first);
  if (british !== undefined) {
    const doubtful = Number(first) <= 12 && first !== second;
    return `write it as ${british}${doubtful ? `, if it is day ${Number(first)} of month ${Number(second)}` : ''}`;
  }
  if (/^\d{5}(?:\.\d+)?$/.test(text))
    return 'a spreadsheet gave the number of a day: format the column as text, and write it as 2026-11-25';
  return 'write it as 2026-11-25 or 2026-11-25T09:30:00Z';
};

const isoDay = (year: string, month: string, day: string): string | undefined => {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return parseIso(text) === undefined ? undefined : text;
};

/** `a=b;c=d`; a `;` or `\` within a text has a `\` before it. @throws Invalid (`formula`, `variables-invalid`). */
export const variablesOf = (cell: string): Readonly<Record<string, string>> => {
  const parts = textOf(cell).match(/(?:\\[^]|[^;\\]|\\$)+/g) ?? [];
  const pairs = parts.map((part): readonly [string, string] => {
    const split = part.indexOf('=');
    if (split < 0)
      throw new Invalid(
        'variables-invalid',
        `${shown(part.trim())} is not of the form name=text; several are parted by ";"`,
      );
    return [
      part.slice(0, split).trim(),
      part
        .slice(split + 1)
        .replaceAll(/\\([^])/g, '$1')
        .trim(),
    ];
  });
  const twice = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) !== index);
  if (twice !== undefined) throw new Invalid('variables-invalid', `${shown(twice[0])} is given twice`);
  return Object.fromEntries(pairs);
};

/** The cell that `variablesOf` reads. */
export const variablesText = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, text]) => `${name}=${text.replaceAll(/[;\\]/g, String.raw`\$&`)}`)
    .join(';');

/** `a|b*`. @throws Invalid (`formula`). */
export const listOf = (cell: string): readonly string[] =>
  textOf(cell)
    .split('|')
    .map((part) => part.trim());
