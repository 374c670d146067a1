/** A sheet of labels: A4, upright, its labels in the middle of it. Lengths are millimetres. */
export interface Sheet {
  readonly columns: number;
  readonly rows: number;
  readonly widthMm: number;
  readonly heightMm: number;
  /** Between two columns; rows touch. */
  readonly gapMm: number;
  /** The side of a QR code, its white margin included. */
  readonly qrMm: number;
  /** Type sizes, in points: what people call it, where it is, its ids, its short code. */
  readonly points: { readonly name: number; readonly site: number; readonly id: number; readonly code: number };
  /** The most lines of name and of site, where the id takes one. */
  readonly lines: { readonly name: number; readonly site: number };
  /** Whose sheets have these sizes. */
  readonly fits: string;
}

/** ISO 216. */
export const A4 = { widthMm: 210, heightMm: 297 } as const;

/**
 * The sheets that we print, by their number of labels. Label sizes and gaps are those that Avery gives on the packets
 * of L7160, L7159 and L7165; the margins that remain (7.2, 7.2 and 4.6 mm at the sides; 15.2, 12.9 and 13.1 mm at the
 * top) are theirs too, to a tenth of a millimetre. QR codes are as large as leaves text 28 mm.
 */
export const sheets = {
  21: {
    columns: 3,
    rows: 7,
    widthMm: 63.5,
    heightMm: 38.1,
    gapMm: 2.54,
    qrMm: 30,
    points: { name: 9, site: 7.5, id: 6, code: 12.5 },
    lines: { name: 3, site: 3 },
    fits: 'Avery L7160',
  },
  24: {
    columns: 3,
    rows: 8,
    widthMm: 63.5,
    heightMm: 33.9,
    gapMm: 2.54,
    qrMm: 28,
    points: { name: 9, site: 7.5, id: 6, code: 11.5 },
    lines: { name: 3, site: 2 },
    fits: 'Avery L7159',
  },
  8: {
    columns: 2,
    rows: 4,
    widthMm: 99.1,
    heightMm: 67.7,
    gapMm: 2.5,
    qrMm: 50,
    points: { name: 14, site: 11, id: 9, code: 18 },
    lines: { name: 3, site: 4 },
    fits: 'Avery L7165',
  },
} as const satisfies Readonly<Record<number, Sheet>>;

/** The number of labels on each kind of sheet: what `--sheet` takes. */
export const sheetNames: readonly string[] = Object.keys(sheets);

/** The sheet of that name, if there is one. */
export const sheetNamed = (name: string): Sheet | undefined =>
  new Map<string, Sheet>(Object.entries(sheets)).get(name.trim());

/** How many labels are on a sheet. */
export const placesOn = ({ columns, rows }: Sheet): number => columns * rows;
