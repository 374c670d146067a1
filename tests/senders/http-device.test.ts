import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpDevice, type HttpDevice } from '../../commands/senders/http-device.ts';
import { deviceId, Unavailable } from '../../device-profiles/vocabulary/index.ts';

describe('a device that posts its messages', () => {
  let server: Server;
  let status = 202;
  const requests: { readonly authorization: string | undefined; readonly body: string }[] = [];
  let device: HttpDevice;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        requests.push({ authorization: request.headers.authorization, body });
        response.writeHead(status).end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    device = httpDevice(new URL(`http://127.0.0.1:${port}/api/v1/uplinks`), { id: deviceId('a:b'), token: 'secret' });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const post = (text: string) => device.send(new TextEncoder().encode(text));

  it('signs in with its id and token', async () => {
    expect(await post('{"no2":1}')).toBe('accepted');
    expect(requests).toEqual([{ authorization: `Basic ${btoa('a:b:secret')}`, body: '{"no2":1}' }]);
  });

  it.each([400, 401, 404, 413, 415])(
    'takes %i for an answer: sent again it would be refused again',
    async (refusal) => {
      status = refusal;
      expect(await post('x')).toBe('refused');
    },
  );

  it.each([429, 500, 503])('keeps its message when the door says %i', async (trouble) => {
    status = trouble;
    await expect(post('x')).rejects.toThrow(Unavailable);
  });

  it('keeps its message when nobody answers', async () => {
    const alone = httpDevice(new URL('http://127.0.0.1:1/api/v1/uplinks'), { id: deviceId('a'), token: 'b' });
    await expect(alone.send(new Uint8Array([1]))).rejects.toThrow(/nobody answers at http:\/\/127\.0\.0\.1:1/);
  });
});
