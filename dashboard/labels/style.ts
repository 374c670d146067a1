import { A4, type Sheet } from './sheets.ts';

const mm = (length: number): string => `${Number(length.toFixed(2))}mm`;

/** Between a label's edge and what is on it: a printer may be a millimetre out. */
const PADDING_MM = 2;

/**
 * The style of a sheet. Everything is placed in millimetres by this one style element, so that no element needs a style
 * of its own and the page may forbid them.
 */
export const styleOf = ({ columns, rows, widthMm, heightMm, gapMm, qrMm, points, lines }: Sheet): string => {
  const side = (A4.widthMm - columns * widthMm - (columns - 1) * gapMm) / 2;
  const top = (A4.heightMm - rows * heightMm) / 2;
  return `
@page { size: A4 portrait; margin: 0; }
* { box-sizing: border-box; margin: 0; padding: 0; }
html { background: #fff; color: #000; font-family: Arial, Helvetica, "Liberation Sans", sans-serif; }
.sheet {
  display: grid; width: ${mm(A4.widthMm)}; height: ${mm(A4.heightMm)}; padding: ${mm(top)} ${mm(side)};
  grid-template: repeat(${rows}, ${mm(heightMm)}) / repeat(${columns}, ${mm(widthMm)}); column-gap: ${mm(gapMm)};
  overflow: hidden; break-inside: avoid; list-style: none;
}
.sheet:not(:last-of-type) { break-after: page; }
.label {
  display: flex; align-items: center; gap: 1mm; height: ${mm(heightMm)}; overflow: hidden; position: relative;
  padding: ${mm(PADDING_MM)} ${mm(PADDING_MM)} ${mm(PADDING_MM)} 1mm;
}
.label svg { flex: none; width: ${mm(qrMm)}; height: ${mm(qrMm)}; }
.words {
  flex: 1; min-width: 0; min-height: ${mm(qrMm)}; max-height: 100%; display: flex; flex-direction: column;
  gap: 0.5mm; line-height: 1.15; overflow-wrap: anywhere;
}
.name, .site { display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden; flex: none; }
.name { font-size: ${points.name}pt; font-weight: bold; -webkit-line-clamp: ${lines.name}; }
.site { font-size: ${points.site}pt; -webkit-line-clamp: ${lines.site}; }
.long .name, .long .site { -webkit-line-clamp: 2; }
.ids { margin-top: auto; padding-top: 0.4mm; font-size: ${points.id}pt; flex: none; }
.id, .eui, .code { font-family: "Liberation Mono", "DejaVu Sans Mono", Consolas, Menlo, monospace; }
.id { word-break: break-all; }
.code { flex: none; font-size: ${points.code}pt; font-weight: bold; white-space: nowrap; }
.outlined .label { outline: 0.2mm dashed #767676; outline-offset: -0.1mm; }
@media screen {
  html { background: #e8e8e8; }
  .advice { max-width: ${mm(A4.widthMm)}; margin: 6mm auto; padding: 4mm; background: #fff; line-height: 1.4; }
  .advice { border-left: 2mm solid #1d70b8; }
  .sheet { margin: 6mm auto; background: #fff; box-shadow: 0 0 2mm #999; }
  .label { outline: 0.2mm dashed #b1b4b6; outline-offset: -0.1mm; }
}
@media print { .advice { display: none; } }
`;
};
