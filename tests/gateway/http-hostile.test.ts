import { once } from 'node:events';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { airrohr, basic, openDoor, uplinks } from './http-door.ts';

describe('what the HTTP door is sent, whatever it is,', () => {
  it('is never answered with 5xx, and the next device is served', async () => {
    const door = await openDoor();
    const sensor = await door.sensor('air-1');
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(
          'application/json',
          'text/plain',
          'application/octet-stream',
          'multipart/form-data',
          '',
          ';',
          'application/json; charset=utf-7',
        ),
        fc.constantFrom(uplinks, airrohr),
        fc.option(
          fc.string({
            unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
            minLength: 1,
            maxLength: 300,
          }),
          { nil: undefined },
        ),
        async (body, type, path, key) => {
          const headers = { 'content-type': type, ...(key === undefined ? {} : { 'idempotency-key': key }) };
          const { status } = await door.post(path, { sensor, headers, body: new Uint8Array(body) });
          expect(status).toBeLessThan(500);
          if (status < 300) taken += 1;
        },
      ),
      { numRuns: 150 },
    );
    expect(taken).toBeGreaterThan(0);
    expect((await door.post(uplinks, { sensor, body: '1' })).status).toBe(202);
  });

  it('is never answered with 5xx where it is no HTTP, either', async () => {
    const door = await openDoor();
    const sensor = await door.sensor('air-1');
    const beginning = fc.constantFrom(
      '',
      'POST /api/v1/uplinks HTTP/1.1\r\n',
      'POST /api/v1/uplinks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
      `POST /api/v1/uplinks HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic(sensor)}\r\nContent-Length: 5\r\n`,
    );
    await fc.assert(
      fc.asyncProperty(beginning, fc.uint8Array({ minLength: 1, maxLength: 200 }), async (head, garbage) => {
        const socket = connect({ port: door.port, host: '127.0.0.1' });
        socket.on('error', () => {});
        await once(socket, 'connect');
        const answers: Buffer[] = [];
        socket.on('data', (chunk) => answers.push(chunk));
        socket.end(Buffer.concat([Buffer.from(head), garbage]));
        await new Promise((resolve) => socket.once('close', resolve));
        expect(Buffer.concat(answers).toString('latin1')).not.toMatch(/^HTTP\/1\.1 5/m);
      }),
      { numRuns: 100 },
    );
    expect((await door.post(uplinks, { sensor, body: '1' })).status).toBe(202);
  });
});
