import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Orders } from './appender.ts';

/** A running `appender.ts`, and what it has said so far. */
export interface Appending {
  readonly process: ChildProcess;
  /** Numbers in the order in which they were said. */
  readonly said: Readonly<Record<'sent' | 'acked' | 'failed' | 'handled', readonly number[]>>;
  /** Whole lines. */
  readonly lines: readonly string[];
  /** Resolves when so many lines begin with the word, or rejects when it ended before. */
  until(word: string, count: number): Promise<void>;
  /** When it has ended, and everything it said has been read. Answers the signal that ended it, if one did. */
  readonly ended: Promise<NodeJS.Signals | null>;
}

const APPENDER = join(import.meta.dirname, 'appender.ts');

/** Starts it, behind another command when there is one: `['strace', '-f']`. */
export const startAppending = (file: string, orders: Orders, behind: readonly string[] = []): Appending => {
  // `env` runs what follows it, in its own place: the process that is ended is the one that appends.
  const child = spawn('env', [...behind, process.execPath, APPENDER, file, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = { sent: [] as number[], acked: [] as number[], failed: [] as number[], handled: [] as number[] };
  const lines: string[] = [];
  const wanted: {
    readonly word: string;
    left: number;
    readonly done: () => void;
    readonly over: (error: Error) => void;
  }[] = [];

  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    const [word = '', number] = line.split(' ');
    if (word === 'sent' || word === 'acked' || word === 'failed' || word === 'handled') said[word].push(Number(number));
    for (const want of wanted) if (want.word === word && (want.left -= 1) === 0) want.done();
  });
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {
    for (const { word, over } of wanted) over(new Error(`it ended before it had said "${word}" often enough`));
    return child.signalCode;
  });
  const until = (word: string, count: number): Promise<void> =>
    new Promise((done, over) => {
      const left = count - lines.filter((line) => line === word || line.startsWith(`${word} `)).length;
      if (left <= 0) done();
      else wanted.push({ word, left, done, over });
    });
  return { process: child, said, lines, until, ended };
};
