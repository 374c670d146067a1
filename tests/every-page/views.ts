import type { BrowserContextOptions } from 'playwright-core';

/** A way in which people look at pages. */
export interface View {
  readonly name: string;
  readonly options: BrowserContextOptions;
  /** As it is printed. */
  readonly print?: true;
  /** Whether the picture is of the whole page, or of what is seen first. */
  readonly whole: boolean;
}

export const WIDE = { width: 1280, height: 900 } as const;
/** WCAG 2.2, 1.4.10: a window of 1,280 by 1,024 at 400 % is as wide and as high as this. */
export const AT_400_PERCENT = { width: 320, height: 256 } as const;
/** A4 at 96 dots an inch, less 15 mm on either side. */
const PAPER = { width: 680, height: 1_009 } as const;

export const views: readonly View[] = [
  { name: '1280', options: { viewport: WIDE }, whole: true },
  { name: '320', options: { viewport: { width: 320, height: 800 } }, whole: true },
  { name: 'zoom-400', options: { viewport: AT_400_PERCENT, deviceScaleFactor: 4 }, whole: false },
  { name: 'forced-colours', options: { viewport: WIDE, forcedColors: 'active', colorScheme: 'dark' }, whole: true },
  { name: 'print', options: { viewport: PAPER }, print: true, whole: true },
  { name: 'no-script', options: { viewport: WIDE, javaScriptEnabled: false }, whole: true },
];
