import { LETTER } from './frame.ts';
import { tenth } from './svg.ts';

/** A mark of a chart: where it stands, and its number in the list beside the chart. */
export interface ShownMark {
  readonly x: number;
  readonly n: number;
}

/** The words of one mark, `2`, or of several that stand close, `2-4`, and where they begin. */
export interface MarkLabel {
  readonly x: number;
  readonly words: string;
}

/** Half of the width of a mark, and from its middle to its label. */
const HALF = 6;
const BESIDE = 8;

/** Marks that share a label, and the room that they take with it. */
interface Group extends MarkLabel {
  readonly marks: readonly ShownMark[];
  readonly from: number;
  readonly to: number;
}

/** Labels for all marks, from left to right: each in the picture, and none over another, or over another's mark, as far as there is room. */
export const markLabels = (marks: readonly ShownMark[], width: number): readonly MarkLabel[] => {
  const groups: Group[] = [];
  for (const mark of marks.toSorted((a, b) => a.x - b.x)) {
    let group = groupOf([mark], width);
    for (let before = groups.at(-1); before !== undefined && before.to > group.from; before = groups.at(-1)) {
      groups.pop();
      group = groupOf([...before.marks, ...group.marks], width);
    }
    groups.push(group);
  }
  return groups.map(({ x, words }) => ({ x, words }));
};

const groupOf = (marks: readonly ShownMark[], width: number): Group => {
  const [xs, ns] = [marks.map(({ x }) => x), marks.map(({ n }) => n)];
  const [left, right, first, last] = [Math.min(...xs), Math.max(...xs), Math.min(...ns), Math.max(...ns)];
  const words = first === last ? String(first) : `${first}-${last}`;
  const long = words.length * LETTER;
  // Beside the last mark, or where the picture ends there, before the first.
  return right + BESIDE + long <= width
    ? { marks, words, x: tenth(right + BESIDE), from: left - HALF, to: right + BESIDE + long }
    : { marks, words, x: tenth(Math.max(0, left - BESIDE - long)), from: left - BESIDE - long, to: right + HALF };
};
