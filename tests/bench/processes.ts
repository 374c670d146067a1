import { readFileSync } from 'node:fs';

/** Clock ticks per second in /proc/<pid>/stat: 100 on every Linux of the last twenty years (proc(5), USER_HZ). */
const TICKS_PER_S = 100;

/** What a process and its children took so far. */
export interface Usage {
  /** Milliseconds of processor time, user and system, in steps of 10. */
  readonly cpuMs: number;
  /** The most memory that it ever had resident, in MB (10^6 bytes). The sum of the peaks, for several. */
  readonly peakRssMb: number;
}

/** Usage of these processes and all their children together. @throws Error when one of them is gone. */
export const usageOf = (pids: readonly number[]): Usage => {
  const all = pids.flatMap(family);
  return {
    cpuMs: all.reduce((sum, pid) => sum + cpuMs(pid), 0),
    peakRssMb: all.reduce((sum, pid) => sum + peakRssMb(pid), 0),
  };
};

const read = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');

const family = (pid: number): number[] => {
  const children = read(pid, `task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
  return [pid, ...children.flatMap(family)];
};

/** Fields 14 and 15, counted behind the name in brackets, which may itself contain spaces. */
const cpuMs = (pid: number): number => {
  const stat = read(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_S;
};

const peakRssMb = (pid: number): number => {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1];
  if (kib === undefined) throw new Error(`process ${pid} has no peak memory in /proc`);
  return (Number(kib) * 1024) / 1e6;
};
