import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { own } from './owned.ts';

/** A process of the benchmark's own, spoken to over Node's channel. */
export interface Child<Reply> {
  tell(order: object): void;
  /** The next reply. @throws Error when the process ends or says nothing for so long. */
  reply(withinMs: number): Promise<Reply>;
  onReply(listener: (reply: Reply) => void): void;
  stop(): Promise<void>;
}

/**
 * Starts a file beside this one. Through a shell, because ten thousand connections need as many open files as the
 * machine allows, and only a shell can raise that for the process that follows.
 */
export const startChild = <Schema extends TSchema>(file: string, replies: Schema): Child<Static<Schema>> => {
  const program = [process.execPath, `${import.meta.dirname}/${file}`];
  const child = spawn('/bin/sh', ['-c', 'ulimit -n "$(ulimit -H -n)"; exec "$0" "$@"', ...program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const listeners = new Set<(reply: Static<Schema>) => void>();
  const early: Static<Schema>[] = [];
  const waiting: { take: (reply: Static<Schema>) => void; fail: (error: Error) => void }[] = [];
  let ended = false;
  child.on('message', (message: unknown) => {
    const reply = Value.Parse(replies, message);
    for (const listener of listeners) listener(reply);
    const first = waiting.shift();
    if (first !== undefined) first.take(reply);
    else if (listeners.size === 0) early.push(reply);
  });
  child.once('close', () => {
    ended = true;
    for (const { fail } of waiting.splice(0)) fail(new Error(`${file} ended while it was waited for`));
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = own(async () => {
    process.off('exit', kill);
    if (ended) return;
    child.kill('SIGTERM');
    await once(child, 'close');
  });
  return {
    tell: (order) => void child.send(order),
    onReply: (listener) => void listeners.add(listener),
    reply: (withinMs) =>
      new Promise((resolve, reject) => {
        const reply = early.shift();
        if (reply !== undefined) {
          resolve(reply);
          return;
        }
        const timer = setTimeout(() => reject(new Error(`${file} said nothing for ${withinMs} ms`)), withinMs);
        waiting.push({
          take: (taken) => {
            clearTimeout(timer);
            resolve(taken);
          },
          fail: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        });
        if (ended) waiting.pop()?.fail(new Error(`${file} has ended`));
      }),
    stop,
  };
};
