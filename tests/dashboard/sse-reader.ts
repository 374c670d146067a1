import { get, type IncomingMessage } from 'node:http';
import type { House } from './house.ts';
import { until } from './house.ts';

/** An event as it came. */
export interface Told {
  readonly id: number;
  readonly name: string;
  readonly data: unknown;
}

/** Somebody who watches a device over HTTP. */
export interface SseReader {
  readonly told: readonly Told[];
  readonly ids: () => readonly number[];
  /** True once the server has ended the stream or dropped the reader. */
  readonly ended: () => boolean;
  /** Stops taking anything from the connection. */
  stall(): void;
  close(): void;
}

const field = (block: string, name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';

/** Resolves when the stream has begun. */
export const watch = async (
  house: House,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SseReader> => {
  const told: Told[] = [];
  let ended = false;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(
      `${house.url}/api/v1/devices/${path}`,
      { headers: { authorization: `Bearer ${house.keys.viewer}`, ...headers } },
      resolve,
    ).on('error', reject);
  });
  if (answer.statusCode !== 200) throw new Error(`the watch was answered with ${answer.statusCode}`);
  let text = '';
  let begun = false;
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => {
    begun = true;
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      if (!block.startsWith(':'))
        told.push({
          id: Number(field(block, 'id')),
          name: field(block, 'event'),
          data: JSON.parse(field(block, 'data')),
        });
    }
  });
  const end = (): void => {
    ended = true;
  };
  answer.on('close', end).on('error', end);
  await until(() => begun, 'the stream to begin');
  return {
    told,
    ids: () => told.map(({ id }) => id),
    ended: () => ended,
    stall: () => void answer.pause(),
    close: () => void answer.destroy(),
  };
};
