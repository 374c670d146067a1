/** A colour as `#rrggbb`. */
export type Hex = string;

const channel = (share: number): number => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);

/** 0 for black to 1 for white: the relative luminance of WCAG 2.2. NaN of what is no colour. */
const luminance = (colour: Hex): number => {
  const [red, green, blue] = [1, 3, 5].map((at) => channel(Number.parseInt(colour.slice(at, at + 2), 16) / 255));
  return 0.2126 * (red ?? Number.NaN) + 0.7152 * (green ?? Number.NaN) + 0.0722 * (blue ?? Number.NaN);
};

/** How far two colours are apart, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export const contrast = (one: Hex, other: Hex): number => {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
};

/** A colour with so much black in it, 0 to 1. */
export const darkened = (colour: Hex, share: number): Hex =>
  `#${[1, 3, 5]
    .map((at) =>
      Math.round(Number.parseInt(colour.slice(at, at + 2), 16) * (1 - share))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
