import { KerbsideError } from '../vocabulary/errors.ts';
import type { Answer, Ask } from './exchange.ts';
import { startThread, type Endurance, type Lost, type Watched } from './watched.ts';

/** A place for one thread, which is started when it is needed and again after it was lost. */
export interface Lane {
  /** Asks in turn; what is asked meanwhile waits. Never rejects. */
  ask(ask: Ask): Promise<Answer | Lost>;
  /** Starts the thread, if there is none. @throws KerbsideError (`sandbox-broken`). */
  warm(): Promise<void>;
  /** Ends the thread; what still waits, and what is asked later, is answered as lost. */
  close(): Promise<void>;
}

export const openLane = (endurance: Endurance): Lane => {
  let thread: Watched | undefined;
  let closed = false;
  /** Ends when everything that was asked so far is answered. */
  let turn: Promise<unknown> = Promise.resolve();

  const running = async (): Promise<Watched> => {
    thread ??= startThread(endurance);
    const mine = thread;
    try {
      await mine.started;
    } catch (error) {
      if (thread === mine) thread = undefined;
      throw error;
    }
    return mine;
  };
  const lost = (detail: string): Lost => ({ kind: 'lost', at: 'nothing', reason: 'codec-error', detail, ms: 0 });
  const exchange = async (ask: Ask): Promise<Answer | Lost> => {
    if (closed) return lost('the sandbox is closed');
    try {
      const mine = await running();
      const answer = await mine.ask(ask);
      if (answer.kind === 'lost' && thread === mine) thread = undefined;
      return answer;
    } catch (error) {
      return lost(error instanceof KerbsideError ? error.message : String(error));
    }
  };

  return {
    ask: (ask) => {
      const answer = turn.then(() => exchange(ask));
      turn = answer;
      return answer;
    },
    warm: async () => void (await running()),
    close: async () => {
      closed = true;
      await thread?.stop();
      thread = undefined;
    },
  };
};
