import type { RunningStreet } from './run.ts';

/** The pace of a clock: often enough to see that it lives. */
const EVERY_MS = 1000;

/** One line at the bottom of a terminal that says how the street network is doing; nothing where there is no terminal. Answers how to end it. */
export const showStatus = (street: RunningStreet, out: NodeJS.WriteStream): (() => void) => {
  if (!out.isTTY) return () => undefined;
  const timer = setInterval(() => out.write(`\r\u001B[2K  ${statusLine(street)}`), EVERY_MS);
  return () => {
    clearInterval(timer);
    out.write('\r\u001B[2K');
  };
};

/** `15:24:19  live: 4,812 messages acknowledged, 96 sent twice, 7 garbled`. */
export const statusLine = ({ tally, catchingUp }: Pick<RunningStreet, 'tally' | 'catchingUp'>, now = new Date()): string => {
  const number = (value: number): string => value.toLocaleString('en-GB');
  const played = (fault: 'duplicate' | 'garbled'): number => tally.plays.get(fault) ?? 0;
  const behind = catchingUp();
  const doing = behind === 0 ? 'live' : `history (${behind} sensors to go)`;
  const trouble = tally.retried === 0 ? '' : `, ${number(tally.retried)} sent again after a failure`;
  return `${now.toLocaleTimeString('en-GB')}  ${doing}: ${number(tally.acknowledged)} messages acknowledged, ${number(played('duplicate'))} sent twice, ${number(played('garbled'))} garbled${trouble}`;
};
