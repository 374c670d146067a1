import { tenth } from './svg.ts';

/** How a series looks, so that it is told from the others without its colour: by dashes, by the shape of its signs, by the filling of its bars. */
export interface Manner {
  /** At least 4.5:1 on white, and far from the next one in lightness. */
  readonly colour: string;
  /** By which a style sheet gives it another colour: the first series has the council's. */
  readonly name: string;
  readonly dash: string | undefined;
  readonly sign: 'disc' | 'square' | 'triangle' | 'cross';
  /** Of bars: filled, or their outline with so many strokes across. */
  readonly filling: 'full' | 'none' | 'rising' | 'falling';
  readonly word: string;
}

const manners = [
  {
    colour: '#0d3b45',
    name: 'kb-chart__first',
    dash: undefined,
    sign: 'disc',
    filling: 'full',
    word: 'unbroken line, discs',
  },
  {
    colour: '#b34700',
    name: 'kb-chart__second',
    dash: '8 4',
    sign: 'square',
    filling: 'none',
    word: 'dashed line, squares',
  },
  {
    colour: '#5b2c83',
    name: 'kb-chart__third',
    dash: '2 4',
    sign: 'triangle',
    filling: 'rising',
    word: 'dotted line, triangles',
  },
  {
    colour: '#00693e',
    name: 'kb-chart__fourth',
    dash: '10 4 2 4',
    sign: 'cross',
    filling: 'falling',
    word: 'line of dashes and dots, crosses',
  },
] as const satisfies readonly Manner[];

/** The manner of the n-th series, from 0. */
export const mannerOf = (n: number): Manner => manners[n % manners.length] ?? manners[0];

/** A sign around a point, as path data. */
export const signAt = (sign: Manner['sign'], x: number, y: number): string => {
  const r = 4;
  const at = (dx: number, dy: number): string => `${tenth(x + dx)} ${tenth(y + dy)}`;
  switch (sign) {
    case 'disc':
      return `M${at(-r, 0)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    case 'square':
      return `M${at(-r, -r)}h${2 * r}v${2 * r}h${-2 * r}z`;
    case 'triangle':
      return `M${at(0, -r - 1)}L${at(r + 1, r)}L${at(-r - 1, r)}z`;
    case 'cross':
      return `M${at(-r, -r)}L${at(r, r)}M${at(-r, r)}L${at(r, -r)}`;
    default:
      return sign satisfies never;
  }
};
