/** The thread in which codecs run. The host watches it from outside, and kills it when it does not come back. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Ask, Birth } from './exchange.ts';
import { openKeeper, rehearse } from './keeper.ts';

// QuickJS asks this thread for the offset of local time; a codec's result must not depend on where it runs.
// This thread has a Date of its own, and nothing else runs in it.
Object.assign(Date.prototype, { getTimezoneOffset: () => 0 });
const { progress }: Birth = workerData;
await rehearse();
const answer = openKeeper(new Int32Array(progress));
parentPort?.on('message', (ask: Ask) => {
  // One ask at a time: the host waits for the answer before it sends the next.
  void answer(ask).then((said: Answer) => parentPort?.postMessage(said, []));
});
parentPort?.postMessage('ready', []);
