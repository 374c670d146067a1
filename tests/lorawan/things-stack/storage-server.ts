import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { uplink, type Tree } from './samples.ts';

/** A request as the Storage Integration had it. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
}

/** What becomes of a request instead of an answer; undefined: it is answered. */
export type Fault = (response: ServerResponse, answer: string, asked: Asked) => boolean;

export interface StorageServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly stored: Tree[];
  /** Faults of the next requests, in their order. */
  readonly faults: (Fault | undefined)[];
  /** How it orders what it answers; as it was asked unless set. */
  order: (messages: Tree[]) => Tree[];
  /** Its own bound of an answer. */
  most: number;
}

const timeOf = (message: Tree): number => Date.parse(String(message['received_at']));

/** An uplink as the storage has it: what it leaves out is what an integration's message has around it. */
export const stored = (at: number, f_cnt: number, around: Tree = {}): Tree => {
  const time = new Date(at).toISOString();
  const { correlation_ids: _ids, ...message } = uplink(
    {
      f_cnt,
      received_at: time,
      rx_metadata: [{ gateway_ids: { gateway_id: 'gtw1', eui: '9C5C8E00001A05C4' }, time, rssi: -80, snr: 7 }],
    },
    { received_at: time, ...around },
  );
  return message;
};

/**
 * The HTTP interface of the Storage Integration, as its reference and its own source have it: `after` and `before` are
 * exclusive, `order` is by `received_at`, the answer is a line of JSON for each message, with a blank one after it.
 */
export const startStorage = async ({ apiKey = 'NNSXS.KEY', application = 'app1' } = {}): Promise<StorageServer> => {
  const asked: Asked[] = [];
  const messages: Tree[] = [];
  const faults: (Fault | undefined)[] = [];
  const state = { order: (list: Tree[]) => list, most: Infinity };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://storage');
    const one: Asked = {
      path: pathname,
      query,
      authorization: request.headers.authorization,
      accept: request.headers.accept,
    };
    asked.push(one);
    if (one.authorization !== `Bearer ${apiKey}`) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"code":16,"message":"unauthenticated"}');
      return;
    }
    if (pathname !== `/api/v3/as/applications/${application}/packages/storage/uplink_message`) {
      response.writeHead(404).end('{"code":5}');
      return;
    }
    const after = Date.parse(query.get('after') ?? '');
    const before = Date.parse(query.get('before') ?? '');
    const found = messages
      .filter((message) => timeOf(message) > after && timeOf(message) < before)
      .toSorted((a, b) => timeOf(a) - timeOf(b));
    const lines = state.order(found).slice(0, Math.min(Number(query.get('limit')), state.most));
    const answer = lines.map((result) => `${JSON.stringify({ result })}\n\n`).join('');
    const fault = faults.shift();
    if (fault?.(response, answer, one) === true) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer);
  };
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stored: messages,
    faults,
    set order(order: (list: Tree[]) => Tree[]) {
      state.order = order;
    },
    set most(most: number) {
      state.most = most;
    },
  };
};

export const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (response) => {
    response.writeHead(code, headers).end('{"code":0}');
    return true;
  };

/** Says nothing any more, with or without having begun. */
export const hang: Fault = () => true;
export const hangMidway: Fault = (response, answer) => {
  response.writeHead(200).write(answer.slice(0, answer.length / 2));
  return true;
};
/** The connection breaks in the middle of the answer. */
export const breakMidway: Fault = (response, answer) => {
  response.writeHead(200).write(answer.slice(0, answer.length / 2), () => response.destroy());
  return true;
};
/** A proxy ends the answer as if it were whole, within a line. */
export const cutMidway: Fault = (response, answer) => {
  response.writeHead(200).end(answer.slice(0, Math.floor(answer.length / 2) + 7));
  return true;
};
/** As grpc-gateway ends a stream whose source broke. */
export const errorMidway: Fault = (response, answer) => {
  const lines = answer.split('\n\n');
  response.writeHead(200).end(`${lines.slice(0, lines.length / 2).join('\n\n')}\n{"error":{"grpc_code":14}}\n`);
  return true;
};
