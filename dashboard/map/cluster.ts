/** Where something is on the square of Web Mercator, from 0 to 1, and what it is called among the others. */
export interface Spot {
  readonly key: string;
  readonly x: number;
  readonly y: number;
}

/** One spot, or several that are too near each other to be told apart. */
export interface Cluster<S extends Spot> {
  /** Of one spot its own; of several that of their cell, or of the first, so that they stay the same while the map is moved. */
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
/** Two fingers wide. */
const CELL_PX = 88;
/** Buttons nearer than this, in pixels, would cover each other: half of both widths, and a little. */
export const APART_PX = { x: 46, y: 32 } as const;

/**
 * What is shown of so many spots. Up to 150 each is for itself, wherever it is, unless its button would lie on another:
 * then it is with that one until the map goes nearer. Of more, those in view, and those in one cell of a grid together.
 * The grid lies on the earth and not on the screen, so that clusters stay what they are while the map is moved.
 * @param spots those that are looked for first come first; a cluster lies where its first member is
 */
export const clustersOf = <S extends Spot>(spots: readonly S[], view: View): readonly Cluster<S>[] =>
  apart(spots.length <= BUTTONS_AT_MOST ? spots.map(alone) : gridded(spots, view), view);

/** Those whose buttons would cover each other become one, where the first of them is. */
const apart = <S extends Spot>(clusters: readonly Cluster<S>[], { pixels }: View): readonly Cluster<S>[] => {
  const kept: { key: string; x: number; y: number; members: readonly S[] }[] = [];
  for (const cluster of clusters) {
    const under = kept.find(
      ({ x, y }) => Math.abs(x - cluster.x) * pixels < APART_PX.x && Math.abs(y - cluster.y) * pixels < APART_PX.y,
    );
    if (under === undefined) kept.push({ ...cluster });
    else under.members = [...under.members, ...cluster.members];
  }
  return kept;
};

const gridded = <S extends Spot>(spots: readonly S[], view: View): readonly Cluster<S>[] => {
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
  // A cell more all round: what is at the edge is then as it is in the middle.
  const [left, right, top, bottom] = [
    cell(view.left) - 1,
    cell(view.right) + 1,
    cell(view.top) - 1,
    cell(view.bottom) + 1,
  ];
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
  return [...filled].flatMap(([at, members]) => {
    const [first] = members;
    return first === undefined
      ? []
      : members.length === 1
        ? [alone(first)]
        : [{ key: `${cells}/${at}`, x: first.x, y: first.y, members }];
  });
};
