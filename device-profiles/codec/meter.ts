/** How much processor time a codec used: other threads that keep this one waiting are not its fault. */
export const meter = () => {
  let allowedMs = Infinity;
  let begun: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined;
  let exceeded = false;
  return {
    /** Allows so much from now on. Costs nothing: the clocks are read when the interpreter asks for the first time. */
    start: (ms: number): void => {
      allowedMs = ms;
      begun = undefined;
      exceeded = false;
    },
    /** Asked by the interpreter every few thousand steps: the wall clock first, which is cheaper to read. */
    interrupt: (): boolean => {
      begun ??= { at: performance.now(), cpu: process.threadCpuUsage() };
      if (performance.now() - begun.at < allowedMs) return false;
      const { user, system } = process.threadCpuUsage(begun.cpu);
      exceeded ||= user + system >= allowedMs * 1000;
      return exceeded;
    },
    /** The milliseconds that were allowed, if they were used up. */
    exceededMs: (): number | undefined => (exceeded ? allowedMs : undefined),
  };
};
