import type { Frame } from './outbox.ts';
import { uplinkWords } from './things-stack-words.ts';
import type { DemoNetwork, World } from './world.ts';

/** What The Things Stack waits for an answer. It tries once. */
const ANSWER_MS = 5_000;

/** The Things Stack's part: a webhook with Basic authentication, once for each uplink. */
export const openThingsStack = (
  { http, key }: { readonly http: string; readonly key: string },
  { sessions, tally: { posted } }: World,
): DemoNetwork => {
  const url = new URL('/api/v1/integrations/things-stack/up', http);
  const authorization = `Basic ${Buffer.from(`things-stack:${key}`).toString('base64')}`;
  const onTheWay = new Set<Promise<void>>();
  const post = async (body: string): Promise<void> => {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'x-tts-domain': 'eu1.cloud.thethings.network' },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await answer.arrayBuffer();
      if (answer.ok) posted.accepted += 1;
      else posted.failed += 1;
    } catch {
      posted.failed += 1;
    }
  };
  const send = (body: string): void => {
    const sending = post(body).finally(() => onTheWay.delete(sending));
    onTheWay.add(sending);
  };
  const take = (frame: Frame): void => {
    const devAddr = sessions.get(frame.sensor.id)?.devAddr ?? '';
    for (let copy = 0; copy < (frame.plays.includes('duplicate') ? 2 : 1); copy += 1) {
      posted.uplinks += 1;
      send(uplinkWords(frame, { devAddr, simulated: false }));
    }
    if (!frame.plays.includes('simulated')) return;
    posted.simulated += 1;
    // Somebody tries the device in the console: a level that no street has, which must never be seen.
    send(uplinkWords({ ...frame, payload: frame.payload.map(() => 0x7f) }, { devAddr, simulated: true }));
  };
  return { take, tick: () => undefined, close: async () => void (await Promise.all(onTheWay)) };
};
