/**
 * How many rows would have to move to bring one order into another: all rows less the longest run that is in order
 * already. A row that is not in the present order counts as one that moves; one that has gone does not count.
 */
export const movesBetween = (present: readonly string[], next: readonly string[]): number => {
  const places = new Map(present.map((id, place) => [id, place]));
  /** Of each length of run, the lowest place on which one can end. */
  const ends: number[] = [];
  for (const id of next) {
    const place = places.get(id);
    if (place === undefined) continue;
    const at = ends.findIndex((end) => end >= place);
    if (at < 0) ends.push(place);
    else ends[at] = place;
  }
  return next.length - ends.length;
};
