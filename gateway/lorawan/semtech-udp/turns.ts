/**
 * Work that waits, by whom it is for. Everybody has a queue of the same length and they are served in turn, so that
 * whoever sends too much loses the oldest of their own, and nobody else waits or loses anything.
 */
export interface Turns<Work> {
  /** True when the oldest work of the same sender was dropped for it. */
  add(sender: string, work: Work): boolean;
  /** The next one's oldest work; undefined when nothing waits. */
  next(): Work | undefined;
  readonly waiting: number;
}

/** @param each how much may wait of one sender */
export const openTurns = <Work>(each: number): Turns<Work> => {
  // In the order of their turns. Whoever has nothing waiting is not in it.
  const queues = new Map<string, Work[]>();
  let waiting = 0;
  return {
    add(sender, work) {
      const queue = queues.get(sender);
      if (queue === undefined) queues.set(sender, [work]);
      else queue.push(work);
      if (queue !== undefined && queue.length > each) {
        queue.shift();
        return true;
      }
      waiting += 1;
      return false;
    },
    next() {
      const [first] = queues;
      if (first === undefined) return undefined;
      const [sender, queue] = first;
      const work = queue.shift();
      // To the end of the line, if anything is left.
      queues.delete(sender);
      if (queue.length > 0) queues.set(sender, queue);
      waiting -= 1;
      return work;
    },
    get waiting() {
      return waiting;
    },
  };
};
