import { create } from 'qrcode';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';

/** White around the code, in modules: ISO/IEC 18004 asks for four. */
export const QUIET_MODULES = 4;
/** An office printer at 300 dots an inch gives such a module five dots, and a phone reads it from a hand's distance. */
export const MODULE_AT_LEAST_MM = 0.4;

/** A quarter, a seventh, a fourteenth of the code may be lost (ISO/IEC 18004): a label in the street gets scratched. */
const levels = ['Q', 'M', 'L'] as const;

/** A QR code to be drawn: dark squares on a white ground. */
export interface QrDrawing {
  /** In modules, the quiet zone included. */
  readonly side: number;
  /** The `d` of one SVG path that fills all dark modules. */
  readonly path: string;
  readonly level: (typeof levels)[number];
}

/**
 * The code of a text, with the strongest error correction whose modules are still `MODULE_AT_LEAST_MM` wide on
 * `sideMm`.
 * @throws Invalid (`label-text-too-long`) when even the weakest is too fine.
 */
export const drawQr = (text: string, sideMm: number): QrDrawing => {
  for (const level of levels) {
    const drawing = drawn(text, level);
    if (drawing !== undefined && sideMm / drawing.side >= MODULE_AT_LEAST_MM) return drawing;
  }
  throw new Invalid(
    'label-text-too-long',
    `A QR code of ${text.length} characters is too fine for ${sideMm} mm: use a shorter base, or larger labels`,
  );
};

const drawn = (text: string, level: QrDrawing['level']): QrDrawing | undefined => {
  const modules = modulesOf(text, level);
  if (modules === undefined) return undefined;
  const { size, data } = modules;
  const rows = Array.from({ length: size }, (_, y) => rowPath(data.subarray(y * size, (y + 1) * size), y));
  return { side: size + 2 * QUIET_MODULES, path: rows.join(''), level };
};

/** The runs of dark modules in one row, each a rectangle. */
const rowPath = (row: Uint8Array, y: number): string => {
  const dark = Array.from(row, (module) => (module === 0 ? ' ' : 'x')).join('');
  return [...dark.matchAll(/x+/g)]
    .map(({ index, 0: run }) => `M${index + QUIET_MODULES} ${y + QUIET_MODULES}h${run.length}v1h-${run.length}z`)
    .join('');
};

/** Undefined when the text is longer than any QR code of that level can hold. */
const modulesOf = (text: string, level: QrDrawing['level']) => {
  try {
    return create(text, { errorCorrectionLevel: level }).modules;
  } catch {
    return undefined;
  }
};
