import type { Boundary } from './boundaries.ts';
import { graticule, meridianWords, parallelWords } from './graticule.ts';
import { boxOf, boxShown, fit, meet, mercatorX, mercatorY, type Box, type Fit, type Position } from './mercator.ts';

/** A map that the server draws: for browsers without JavaScript or WebGL, for print, and until the other one is there. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** What it shows, in degrees; the map in the browser begins with the same. */
  readonly box: Box;
  /** SVG path data of areas and of lines, and how they are called. */
  readonly areas: string;
  readonly lines: string;
  readonly names: readonly Label[];
  /** Lines of longitude and latitude with their words. */
  readonly meridians: readonly Label[];
  readonly parallels: readonly Label[];
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly words: string;
}

export const WIDTH = 960;
export const HEIGHT = 560;
/** Room for the signs of the outermost sites. */
const MARGIN = 40;
/** Points of a boundary nearer to each other than this are one, in pixels. */
const FINE_PX = 1;
/** Names of more areas than these lie over each other. */
const NAMES_AT_MOST = 30;

/** Where a place is in a picture. */
export const pointIn = ({ scale, x, y }: Fit, { longitude, latitude }: Position): Point => ({
  x: tenth((mercatorX(longitude) - x) * scale),
  y: tenth((mercatorY(latitude) - y) * scale),
});

const tenth = (n: number): number => Math.round(n * 10) / 10;

/**
 * Lays a picture around sites; without any, around the boundaries, and without these around the area where sites may
 * lie.
 */
export const pictureOf = (
  sites: readonly Position[],
  boundaries: readonly Boundary[],
  area: Box,
): { readonly picture: Picture; readonly laid: Fit } => {
  const around =
    boxOf(sites) ?? boxOf(boundaries.flatMap(({ box }) => [cornerOf(box, 'low'), cornerOf(box, 'high')])) ?? area;
  const laid = fit(around, { width: WIDTH, height: HEIGHT, margin: MARGIN });
  const box = boxShown(laid, { width: WIDTH, height: HEIGHT });
  const seen = boundaries.filter((one) => meet(one.box, box));
  const { meridians, parallels } = graticule(box);
  const { west, north } = box;
  return {
    laid,
    picture: {
      width: WIDTH,
      height: HEIGHT,
      box,
      areas: seen
        .filter(({ area: is }) => is)
        .map((one) => pathOf(one, laid))
        .join(''),
      lines: seen
        .filter(({ area: is }) => !is)
        .map((one) => pathOf(one, laid))
        .join(''),
      names: namesOf(seen, laid),
      meridians: meridians.map((longitude) => ({
        ...pointIn(laid, { longitude, latitude: north }),
        words: meridianWords(longitude),
      })),
      parallels: parallels.map((latitude) => ({
        ...pointIn(laid, { longitude: west, latitude }),
        words: parallelWords(latitude),
      })),
    },
  };
};

/** A place in the picture. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** On which screens the number beside a sign has room. */
type Room = 'always' | 'wide' | 'never';

/** Half of a sign, and to where a number of two digits reaches, on a wide screen; the style sheet enlarges both on a phone. */
const SIGN_PX = 13;
const NUMBER_PX = { right: 36, up: 10 };
const PHONE_SCALE = 1.9;

/** Which numbers are neither on a sign nor on a number before them, so that each that is drawn can be read. */
export const roomsOf = (marks: readonly Point[]): readonly Room[] => {
  const [wide, phone] = [readable(marks, 1), readable(marks, PHONE_SCALE)];
  return marks.map((_, n) => (wide.has(n) ? (phone.has(n) ? 'always' : 'wide') : 'never'));
};

const readable = (marks: readonly Point[], scale: number): ReadonlySet<number> => {
  const [sign, right, up] = [SIGN_PX * scale, NUMBER_PX.right * scale, NUMBER_PX.up * scale];
  const shown = new Set<number>();
  for (const [n, { x, y }] of marks.entries()) {
    const onSign = marks.some(
      (other, m) =>
        m !== n && other.x + sign > x + sign && other.x - sign < x + right && Math.abs(other.y - y) < sign + up,
    );
    const onNumber = marks.some(
      (other, m) => shown.has(m) && Math.abs(other.x - x) < right - sign && Math.abs(other.y - y) < 2 * up,
    );
    if (!onSign && !onNumber) shown.add(n);
  }
  return shown;
};

const cornerOf = ({ west, south, east, north }: Box, which: 'low' | 'high'): Position =>
  which === 'low' ? { longitude: west, latitude: south } : { longitude: east, latitude: north };

const pathOf = ({ lines, area }: Boundary, laid: Fit): string =>
  lines
    .map(
      (line) =>
        `M${thinned(line, laid)
          .map(({ x, y }) => `${x} ${y}`)
          .join('L')}${area ? 'Z' : ''}`,
    )
    .join('');

/** The points of a line that a picture can tell apart; the first and the last always. */
const thinned = (line: readonly Position[], laid: Fit): readonly { readonly x: number; readonly y: number }[] => {
  const kept: { x: number; y: number }[] = [];
  for (const [i, position] of line.entries()) {
    const point = pointIn(laid, position);
    const before = kept.at(-1);
    if (
      before === undefined ||
      i === line.length - 1 ||
      Math.abs(point.x - before.x) + Math.abs(point.y - before.y) >= FINE_PX
    )
      kept.push(point);
  }
  return kept;
};

const namesOf = (seen: readonly Boundary[], laid: Fit): readonly Label[] =>
  seen.length > NAMES_AT_MOST
    ? []
    : seen.flatMap(({ name, area, box }) => {
        const point = pointIn(laid, { longitude: (box.west + box.east) / 2, latitude: (box.south + box.north) / 2 });
        const inside = point.x > 0 && point.x < WIDTH && point.y > 0 && point.y < HEIGHT;
        return name === '' || !area || !inside ? [] : [{ ...point, words: name }];
      });
