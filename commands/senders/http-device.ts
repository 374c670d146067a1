import { Unavailable, type DeviceId } from '../../device-profiles/vocabulary/index.ts';

/** What the door said: it is on disk, or this message is not wanted and never will be. */
export type Answer = 'accepted' | 'refused';

/** A device that posts its messages. */
export interface HttpDevice {
  /** @throws Unavailable (`door-closed`) when nobody answers or the door cannot take it now: post it again later. */
  send(body: Uint8Array): Promise<Answer>;
}

/** Longer than a door takes to commit on a slow disk, shorter than a sensor's patience. */
const ANSWER_MS = 15_000;

/** Posts to `path` with the device's id and token as HTTP Basic credentials (RFC 7617). */
export const httpDevice = (url: URL, { id, token }: { readonly id: DeviceId; readonly token: string }): HttpDevice => {
  const authorization = `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`;
  return {
    send: async (body) => {
      let status: number;
      try {
        const answer = await fetch(url, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: Buffer.from(body),
          signal: AbortSignal.timeout(ANSWER_MS),
        });
        // The body is read so that the connection is free for the next message.
        await answer.arrayBuffer();
        ({ status } = answer);
      } catch (cause) {
        throw new Unavailable('door-closed', `nobody answers at ${url.origin}`, { cause });
      }
      if (status >= 200 && status < 300) return 'accepted';
      if (status >= 500 || status === 429 || status === 408)
        throw new Unavailable('door-closed', `${url.origin} cannot take it now (HTTP ${status})`);
      return 'refused';
    },
  };
};
