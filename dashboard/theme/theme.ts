import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { Config } from '../../infra/config/schema.ts';
import { contrast, darkened, type Hex } from './contrast.ts';

/** How the pages of one council look. */
export interface Theme {
  /** The style sheet that gives the colours to the pages' own sheet. */
  readonly css: string;
  /** Changes with the colours, for the address of the sheet. */
  readonly version: string;
  /** For what the browser draws around a page. */
  readonly brand: Hex;
  readonly logo: { readonly content: Buffer; readonly type: string; readonly version: string } | undefined;
}

/** What stands in the sheet of all pages and is not the council's to choose. */
const PAGE = '#ffffff';
const TEXT = '#0b0c0c';
const SECONDARY_TEXT = '#505a5f';
const CHART = '#f6f8f8';
/** A logo is a few lines of SVG or a small picture; it is loaded with each first visit. */
const LOGO_BYTES_AT_MOST = 100_000;
/** Enough that a link under the pointer is seen to be another colour. */
const HOVER_DARKER = 0.45;

/** Two colours that are seen on each other, and how far they must be apart (WCAG 2.2: 1.4.3 for words, 1.4.11 for the rest). */
interface Pair {
  readonly what: string;
  readonly one: Hex;
  readonly other: Hex;
  readonly atLeast: 4.5 | 3;
}

const pairsOf = ({ brand, onBrand, accent, link, surface }: Config['theme']): readonly Pair[] => [
  { what: 'theme.onBrand on theme.brand: the words of the header', one: onBrand, other: brand, atLeast: 4.5 },
  { what: 'theme.accent on theme.brand: the line under the header', one: accent, other: brand, atLeast: 3 },
  { what: 'theme.brand on the white page: edges and chosen filters', one: brand, other: PAGE, atLeast: 3 },
  { what: `theme.brand on ${CHART}: the lines of charts`, one: brand, other: CHART, atLeast: 3 },
  { what: 'theme.brand on theme.surface: the mark of the page that is open', one: brand, other: surface, atLeast: 3 },
  { what: 'theme.link on the white page: links', one: link, other: PAGE, atLeast: 4.5 },
  {
    what: 'theme.link on theme.surface: links of the navigation and the footer',
    one: link,
    other: surface,
    atLeast: 4.5,
  },
  { what: `the words (${TEXT}) on theme.surface`, one: TEXT, other: surface, atLeast: 4.5 },
  { what: `the quieter words (${SECONDARY_TEXT}) on theme.surface`, one: SECONDARY_TEXT, other: surface, atLeast: 4.5 },
];

/**
 * The theme of this installation, checked.
 * @throws Invalid (`theme-contrast-low`) naming every pair of colours that are too close, with its ratio;
 * (`theme-logo-unusable`) where the logo cannot be read, is too large, or is neither SVG nor PNG.
 */
export const themeOf = ({ theme }: Pick<Config, 'theme'>): Theme => {
  const low = pairsOf(theme).flatMap(({ what, one, other, atLeast }) => {
    const ratio = contrast(one, other);
    return ratio >= atLeast
      ? []
      : [`${what}: ${one} and ${other} have ${floored(ratio)}:1, at least ${atLeast}:1 is needed`];
  });
  if (low.length > 0)
    throw new Invalid(
      'theme-contrast-low',
      `${low.length === 1 ? 'a pair' : `${low.length} pairs`} of colours cannot be told apart by everybody\n  ${low.join('\n  ')}`,
    );
  const css = sheetOf(theme);
  return {
    css,
    version: hashOf(css),
    brand: theme.brand,
    logo: theme.logo === undefined ? undefined : logoFrom(theme.logo),
  };
};

/** Two decimals, and never a ratio that looks enough where it is not. */
const floored = (ratio: number): string => (Math.floor(ratio * 100) / 100).toFixed(2);

const sheetOf = ({ brand, onBrand, accent, link, surface }: Config['theme']): string => {
  const values: Readonly<Record<string, Hex>> = {
    '--govuk-brand-colour': brand,
    '--govuk-surface-border-colour': brand,
    '--govuk-surface-background-colour': surface,
    '--govuk-template-background-colour': surface,
    '--govuk-link-colour': link,
    '--govuk-link-hover-colour': darkened(link, HOVER_DARKER),
    '--kb-on-brand': onBrand,
    '--kb-accent': accent,
  };
  return `:root{${Object.entries(values)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')}}\n`;
};

const hashOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex').slice(0, 12);

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const logoFrom = (file: string): NonNullable<Theme['logo']> => {
  const refused = (why: string): Invalid =>
    new Invalid('theme-logo-unusable', `theme.logo: ${JSON.stringify(file)} ${why}`);
  const content = contentOf(file, refused);
  if (content.length > LOGO_BYTES_AT_MOST)
    throw refused(`has ${content.length} bytes, at most ${LOGO_BYTES_AT_MOST} are sent with each first visit`);
  const type = content.subarray(0, PNG.length).equals(PNG)
    ? 'image/png'
    : /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/.test(
          content.toString('utf8'),
        )
      ? 'image/svg+xml'
      : undefined;
  if (type === undefined) throw refused('is neither an SVG nor a PNG');
  return { content, type, version: hashOf(content) };
};

const contentOf = (file: string, refused: (why: string) => Invalid): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw refused(`cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'}`);
  }
};
