/** Where something is on the square of Web Mercator, from 0 to 1, and what it is called among the others. */
export interface Spot {
  readonly key: string;
  readonly x: number;
  readonly y: number;
}

/** One spot, or several that are too near each other to be told apart. */
export interface Cluster<S extends Spot> {
  /** Of one spot its own; of several that of their cell, so that they stay the same while the map is moved. */
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly members: readonly S[];
}

/** What is looked at: a part of the square, and how many pixels its whole side has. */
export interface View {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly pixels: number;
}

/** Buttons that a keyboard can get through, and that a browser moves with the map in a frame. */
export const BUTTONS_AT_MOST = 150;
/** Two fingers wide: clusters do not cover each other. */
const CELL_PX = 88;

/**
 * What is shown of so many spots: up to 150 each for itself, wherever they are; of more, those in view, and where
 * several are in one cell of a grid, these as one. The grid lies on the earth and not on the screen, so that clusters
 * stay what they are while the map is moved.
 */
export const clustersOf = <S extends Spot>(spots: readonly S[], view: View): readonly Cluster<S>[] => {
  if (spots.length <= BUTTONS_AT_MOST) return spots.map(alone);
  // Half a step of zoom keeps the grid.
  const level = Math.round(Math.log2(Math.max(1, view.pixels / CELL_PX)));
  for (let cells = 2 ** level; ; cells /= 2) {
    const found = inCells(spots, view, cells);
    if (found.length <= BUTTONS_AT_MOST || cells <= 1) return found;
  }
};

const alone = <S extends Spot>(spot: S): Cluster<S> => ({ key: spot.key, x: spot.x, y: spot.y, members: [spot] });

const inCells = <S extends Spot>(spots: readonly S[], view: View, cells: number): readonly Cluster<S>[] => {
  const cell = (place: number): number => Math.floor(place * cells);
  const [left, right, top, bottom] = [cell(view.left), cell(view.right), cell(view.top), cell(view.bottom)];
  const filled = new Map<number, S[]>();
  for (const spot of spots) {
    const column = cell(spot.x);
    const row = cell(spot.y);
    if (column < left || column > right || row < top || row > bottom) continue;
    const at = row * (cells + 1) + column;
    const members = filled.get(at);
    if (members === undefined) filled.set(at, [spot]);
    else members.push(spot);
  }
  return [...filled].map(([at, members]) => {
    const [first] = members;
    return members.length === 1 && first !== undefined ? alone(first) : together(`${cells}/${at}`, members);
  });
};

const together = <S extends Spot>(key: string, members: readonly S[]): Cluster<S> => ({
  key,
  x: members.reduce((sum, { x }) => sum + x, 0) / members.length,
  y: members.reduce((sum, { y }) => sum + y, 0) / members.length,
  members,
});
