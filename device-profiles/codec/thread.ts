/**
 * The thread in which codecs run. The host's thread sleeps meanwhile, and kills this one when it does not answer in
 * time.
 */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Turn, type Ask, type Birth } from './exchange.ts';
import { openInterpreters, rehearse } from './interpreter.ts';

const { turn, port }: Birth = workerData;
const word = new Int32Array(turn);
const passTurn = (): void => {
  Atomics.store(word, 0, Turn.host);
  Atomics.notify(word, 0);
};

// QuickJS asks this thread for the offset of local time; a codec's result must not depend on where it runs.
// This thread has a Date of its own, and nothing else runs in it.
Object.assign(Date.prototype, { getTimezoneOffset: () => 0 });
await rehearse();
const answer = openInterpreters();
passTurn();
for (;;) {
  Atomics.wait(word, 0, Turn.host);
  const ask: Ask | undefined = receiveMessageOnPort(port)?.message;
  if (ask === undefined) break;
  port.postMessage(await answer(ask));
  passTurn();
}
