import { startChild } from './child.ts';
import { LoadReply, type Connect, type Result, type Run } from './orders.ts';

/** Devices that are connected and wait for the order to publish. */
export interface Load {
  /** @throws Error when the server refuses, closes a connection or answers nonsense. */
  run(run: Omit<Run, 'order'>): Promise<Result>;
  stop(): Promise<void>;
}

/** Ten thousand sign-ins, each with a token to check, on a machine of two busy cores. */
const CONNECTED_WITHIN_MS = 120_000;
/** A run answers after its time, the pacing that was behind, and the last acknowledgements. */
const RESULT_WITHIN_MS = 90_000;

/** Starts the load's process and connects all devices. @throws Error with the reason when one is refused. */
export const connectLoad = async (connect: Omit<Connect, 'order'>): Promise<Load> => {
  const child = startChild('load.ts', LoadReply);
  const next = async (withinMs: number): Promise<Exclude<LoadReply, { reply: 'failed' }>> => {
    const reply = await child.reply(withinMs);
    if (reply.reply === 'failed') throw new Error(`the load failed: ${reply.why}`);
    return reply;
  };
  child.tell({ order: 'connect', ...connect });
  await next(CONNECTED_WITHIN_MS);
  return {
    run: async (run) => {
      child.tell({ order: 'run', ...run });
      const reply = await next(run.ms + RESULT_WITHIN_MS);
      if (reply.reply !== 'result') throw new Error('the load answered out of turn');
      return reply.result;
    },
    stop: () => child.stop(),
  };
};
