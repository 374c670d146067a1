/** The thread in which codecs run. The host's thread sleeps meanwhile, and kills this one when it does not answer in time. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Turn, type Ask, type Birth } from './exchange.ts';
import { openInterpreter } from './interpreter.ts';

const { turn, port }: Birth = workerData;
const word = new Int32Array(turn);
// The interpreter asks this thread for the offset of local time; a codec's result must not depend on where it runs.
// This thread has a Date of its own, and nothing else runs in it.
Object.assign(Date.prototype, { getTimezoneOffset: () => 0 });
const answer = await openInterpreter();
const yieldTurn = (): void => {
  Atomics.store(word, 0, Turn.host);
  Atomics.notify(word, 0);
};
yieldTurn();
for (let last = false; !last; ) {
  Atomics.wait(word, 0, Turn.host);
  const ask: Ask | undefined = receiveMessageOnPort(port)?.message;
  if (ask === undefined) break;
  const reply = answer(ask);
  last = reply.kind === 'failed' && reply.last;
  port.postMessage(reply);
  yieldTurn();
}
