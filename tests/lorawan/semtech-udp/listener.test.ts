import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../../gateway/ground.ts';
import { abp, device, frame } from '../phy/device.ts';
import { A, B, C, freeUdpPort, openRoof, rxpkOf, until } from './ground.ts';

describe('a gateway that is on the list', () => {
  it('is acknowledged with its own token, whatever it says, and is sent nothing else', async () => {
    const roof = await openRoof({ gateways: A });
    const gateway = await roof.gateway(A);
    const tokens = [
      gateway.send(0, { stat: { rxnb: 1, rxok: 1 } }),
      gateway.send(2),
      gateway.send(0, '{"rxpk":['),
      gateway.send(5, { txpk_ack: { error: 'NONE' } }),
      gateway.send(0, '{}', 1),
      gateway.send(2, undefined, 1),
    ];
    await until(() => expect(gateway.answers).toHaveLength(5));
    expect(gateway.answers).toEqual([
      `02${tokens[0]}01`,
      `02${tokens[1]}04`,
      `02${tokens[2]}01`,
      `01${tokens[4]}01`,
      `01${tokens[5]}04`,
    ]);
    await until(async () => {
      const { datagrams, refused } = await roof.counts();
      expect(datagrams).toEqual({ 'push-data': 2, 'pull-data': 2, 'tx-ack': 1 });
      expect(refused).toEqual({ 'not-json': 1 });
    });
    expect(roof.news).toMatchObject([{ kind: 'stats', gateway: A, received: 1 }]);
  });

  it('tells the radio book of every frame that it hears, whoever sent it', async () => {
    const roof = await openRoof({ gateways: A });
    const gateway = await roof.gateway(A);
    gateway.push(
      rxpkOf(frame(1)),
      rxpkOf(frame(2), { stat: -1, freq: 867.5, datr: 'SF12BW125' }),
      rxpkOf(frame(3), { modu: 'LR-FHSS', datr: 'M0CW137' }),
    );
    await until(() => expect(roof.news).toHaveLength(3));
    expect(roof.news).toMatchObject([
      { kind: 'frame', gateway: A, connector: 'semtech-udp', checksum: 'ok', frequency: 868_100_000 },
      { kind: 'frame', checksum: 'bad', frequency: 867_500_000 },
      { kind: 'frame', checksum: 'ok' },
    ]);
    // 22 bytes: 56.576 ms at SF7.
    expect(frame(1)).toHaveLength(22);
    expect(roof.news[0]).toHaveProperty('airtimeMs', 56.576);
    expect(roof.news[2]).not.toHaveProperty('airtimeMs');
  });
});

describe('whoever is not on the list', () => {
  it('is neither answered nor heard, and is counted', async () => {
    const roof = await openRoof({ gateways: `${A}@127.0.0.1,${B}@127.0.0.2`, sessions: [device] });
    const [known, stranger, spoofing] = [await roof.gateway(A), await roof.gateway(C), await roof.gateway(B)];
    stranger.push(rxpkOf(frame(1)));
    stranger.send(2);
    spoofing.push(rxpkOf(frame(2)));
    spoofing.send(2);
    stranger.sendRaw(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    stranger.sendRaw(Buffer.alloc(0));
    const right = await roof.gateway(B, '127.0.0.2');
    right.push(rxpkOf(frame(3)));
    known.push(rxpkOf(frame(3)));
    await until(() => expect([known.answers.length, right.answers.length]).toEqual([1, 1]));
    await until(async () => expect(await roof.kept()).toHaveLength(1));
    expect([stranger.answers, spoofing.answers]).toEqual([[], []]);
    expect(await roof.counts()).toEqual({
      frames: { uplink: 1, duplicate: 1 },
      datagrams: { 'push-data': 2 },
      refused: { 'gateway-unknown': 2, 'gateway-elsewhere': 2, 'not-gwmp': 2 },
    });
    expect(roof.said().find(({ reason }) => reason === 'gateway-unknown')).toMatchObject({ gateway: C });
  });

  it('is everybody while the list is empty, which the log says', async () => {
    const roof = await openRoof({});
    (await roof.gateway(A)).push(rxpkOf(frame(1)));
    await until(async () => expect((await roof.counts()).refused).toEqual({ 'gateway-unknown': 1 }));
    expect(roof.said().map(({ reason }) => reason)).toContain('gateways-none');
  });
});

it('a gateway that floods loses its own oldest datagrams, counted, and nobody else loses anything', async () => {
  const roof = await openRoof({ gateways: `${A},${B}`, sessions: [device], waitingBytes: 4_000 });
  const [flooding, good] = [await roof.gateway(A), await roof.gateway(B)];
  const noise = rxpkOf(frame(9, abp(77)));
  for (let n = 0; n < 100; n += 1) flooding.push(noise);
  good.push(rxpkOf(frame(1)));
  for (let n = 0; n < 100; n += 1) flooding.push(noise);
  good.push(rxpkOf(frame(2)));
  await until(async () => expect(await roof.kept()).toHaveLength(2));
  await until(async () => {
    const { frames, datagrams, refused } = await roof.counts();
    const dropped = refused['gateway-flooding'] ?? 0;
    expect(dropped).toBeGreaterThan(0);
    expect((frames['foreign'] ?? 0) + dropped).toBe(200);
    expect((datagrams['push-data'] ?? 0) + dropped).toBe(202);
  });
  await until(() => expect(flooding.answers).toHaveLength(200));
});

it('what a gateway sends beyond its pace is neither read nor acknowledged, is counted, and costs no other gateway anything', async () => {
  const roof = await openRoof({ gateways: `${A},${B}`, sessions: [device], pace: { perSecond: 0.001, burst: 7 } });
  const [flooding, good] = [await roof.gateway(A), await roof.gateway(B)];
  // Of 2.5 kB: it counts as three.
  const large = { rxpk: [], other: 'x'.repeat(2_500) };
  flooding.send(0, large);
  for (let n = 0; n < 10; n += 1) flooding.send(n % 2 === 0 ? 2 : 0, '{}');
  flooding.send(0, large);
  good.push(rxpkOf(frame(1)));
  await until(async () => expect(await roof.kept()).toHaveLength(1));
  await until(() => expect([flooding.answers.length, good.answers.length]).toEqual([5, 1]));
  const { datagrams, refused } = await roof.counts();
  expect(datagrams).toEqual({ 'push-data': 4, 'pull-data': 2 });
  expect(refused).toEqual({ 'gateway-flooding': 7 });
});

it('whatever comes in at the socket, the door stays open, and each datagram is counted once', async () => {
  const roof = await openRoof({ gateways: A, sessions: [device], pace: { perSecond: 1e6, burst: 1e6 } });
  const gateway = await roof.gateway(A);
  const whole = Buffer.concat([
    Buffer.from(`02010200${A}`, 'hex'),
    Buffer.from(JSON.stringify({ rxpk: [rxpkOf(frame(1), { stat: 0 })], stat: { rxnb: 1, rxok: 1 } })),
  ]);
  const inputs = [
    ...Array.from({ length: whole.length }, (_, n) => whole.subarray(0, n)),
    ...Array.from({ length: whole.length * 8 }, (_, bit) => {
      const other = Buffer.from(whole);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return other;
    }),
    ...fc.sample(fc.uint8Array({ maxLength: 300, size: 'max' }), 500),
    ...fc
      .sample(fc.uint8Array({ maxLength: 300, size: 'max' }), 500)
      .map((bytes) => Buffer.concat([whole.subarray(0, 12), bytes])),
  ];
  for (const [n, input] of inputs.entries()) {
    gateway.sendRaw(input);
    // Slower than what is looked at, so that nothing is dropped.
    if (n % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  gateway.push(rxpkOf(frame(2)));
  await until(async () => expect((await roof.kept()).map(({ lorawan }) => lorawan?.fCnt)).toContain(2));
  const { datagrams, refused } = await roof.counts();
  const ofDatagrams = [
    'not-gwmp',
    'gateway-unknown',
    'not-json',
    'doubled-key',
    'wrong-shape',
    'too-many-frames',
    'gateway-flooding',
  ];
  const sum =
    Object.values(datagrams).reduce((a, b) => a + b, 0) +
    ofDatagrams.reduce((a, reason) => a + (refused[reason] ?? 0), 0);
  expect(sum).toBe(inputs.length + 1);
  expect(inputs.length).toBe(whole.length * 9 + 1000);
  // Whatever was flipped, the frame that was signed is all that came in.
  const kept = await roof.kept();
  expect(kept.map(text).toSorted()).toEqual(['reading 1', 'reading 2']);
});

it('a port that is taken is said to be, with the setting that moves it', async () => {
  const socket = createSocket('udp4');
  const port = await freeUdpPort();
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  const { openGround } = await import('../../gateway/ground.ts');
  const { openSemtechDoor } = await import('../../../gateway/lorawan/semtech-udp/listener.ts');
  const ground = await openGround();
  const opening = openSemtechDoor({
    ...ground,
    config: ground.config({ KERBSIDE_LORAWAN_UDP_PORT: String(port) }),
    radio: { tell: () => {} },
    sessions: () => [],
    lastFrame: () => undefined,
  });
  await expect(opening).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining('KERBSIDE_LORAWAN_UDP_PORT'),
  });
  socket.close();
});
