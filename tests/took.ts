import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Prints how long it took: figures to read, not to assert on a machine that is busy with other tests. */
export const took = async <T>(what: string, work: () => Promise<T> | T, each?: number): Promise<T> => {
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const answer = await work();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  await new Promise((resolve) => setTimeout(resolve, 5));
  stalls.disable();
  const per = each === undefined ? '' : `, ${((ms * 1_000) / each).toFixed(1)} us each`;
  process.stdout.write(
    `    ${what}: ${ms.toFixed(0)} ms${per} (${((user + system) / 1_000).toFixed(0)} ms of the processor), longest stall ${(stalls.max / 1e6).toFixed(0)} ms\n`,
  );
  return answer;
};
