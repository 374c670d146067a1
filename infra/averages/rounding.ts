/** What arithmetic in doubles loses on the way: a mean that is 33.5 may come out as 33.499999999999996. */
const LOST = 1e-9;

/** To the nearest whole number, halves up, -0.5 too (to 0): as the published breakpoints are read. */
export const halfUp = (value: number): number => Math.floor(value + 0.5 + LOST) + 0;
