import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { openDelivery } from '../../../gateway/lorawan/deliver.ts';
import { JournalFull, type Journal } from '../../../infra/journal/contract.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { text } from '../../gateway/ground.ts';
import { abp, sent } from '../phy/device.ts';
import { freeUdpPort, openRoof, rxpkOf } from './ground.ts';

const A = 'aa555a0000000101';
const B = 'aa555a0000000102';
const C = 'aa555a0000000103';
const device = abp(1);
const frame = (fCnt: number, session = device): Buffer =>
  sent(session, { fCnt, fPort: 2, payload: Buffer.from(`reading ${fCnt}`) });
const until = (check: () => Promise<void> | void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 2 });

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

describe('a frame of a device whose keys are known', () => {
  it('that three gateways hear is one uplink in the journal, decrypted, with all three', async () => {
    const roof = await openRoof({ gateways: [A, B, C].join(','), sessions: [device] });
    const gateways = [await roof.gateway(A), await roof.gateway(B), await roof.gateway(C)];
    const now = new Date().toISOString().replace('Z', '123Z');
    for (const [n, gateway] of gateways.entries())
      gateway.push(rxpkOf(frame(70_000), { lsnr: n, rssi: -100 - n, time: now, freq: 868.3 }));
    await until(async () => expect(await roof.kept()).toHaveLength(1));
    const [uplink] = await roof.kept();
    expect(uplink).toMatchObject({
      connector: 'semtech-udp',
      device: { by: 'devEui', value: device.devEui },
      sentAt: Date.parse(now),
      lorawan: {
        fPort: 2,
        fCnt: 70_000,
        session: device.devAddr,
        frequency: 868_300_000,
        dataRate: 'SF7BW125',
        codingRate: '4/5',
        confirmed: false,
      },
    });
    expect(uplink?.lorawan?.receptions.map(({ gateway, snr }) => [gateway, snr])).toEqual([
      [C, 2],
      [B, 1],
      [A, 0],
    ]);
    expect(uplink === undefined ? '' : text(uplink)).toBe('reading 70000');
    await until(async () => expect((await roof.counts()).frames).toEqual({ uplink: 1, duplicate: 2 }));
  });

  it('is one uplink also where a copy is late, and where the network server told it first', async () => {
    const roof = await openRoof({ gateways: `${A},${B}`, sessions: [device] });
    const [a, b] = [await roof.gateway(A), await roof.gateway(B)];
    a.push(rxpkOf(frame(1)));
    await until(async () => expect(await roof.kept()).toHaveLength(1));
    b.push(rxpkOf(frame(1)));
    await until(async () => expect((await roof.counts()).frames).toEqual({ uplink: 1, duplicate: 1 }));
    const network = openDelivery({ ...roof, config: roof.config(), radio: { tell: () => {} } }, 'chirpstack-mqtt');
    const outcome = await new Promise((resolve) =>
      network.deliver(
        [
          {
            kind: 'uplink',
            devEui: device.devEui,
            payload: Buffer.from('reading 1'),
            frame: { fPort: 2, fCnt: 1, session: device.devAddr, receptions: [] },
          },
        ],
        resolve,
      ),
    );
    expect(outcome).toBe('duplicate');
    expect(await roof.kept()).toHaveLength(1);
  });

  it('that another door brought first counts as a duplicate, and the sums add up', async () => {
    const roof = await openRoof({ gateways: `${A},${B}`, sessions: [device] });
    const network = openDelivery({ ...roof, config: roof.config(), radio: { tell: () => {} } }, 'chirpstack-mqtt');
    await new Promise((resolve) =>
      network.deliver(
        [
          {
            kind: 'uplink',
            devEui: device.devEui,
            payload: Buffer.from('reading 1'),
            frame: { fPort: 2, fCnt: 1, session: device.devAddr, receptions: [] },
          },
        ],
        resolve,
      ),
    );
    for (const gateway of [await roof.gateway(A), await roof.gateway(B)]) gateway.push(rxpkOf(frame(1)));
    await until(async () => expect((await roof.counts()).frames).toEqual({ duplicate: 2 }));
    expect(await roof.kept()).toHaveLength(1);
  });

  it('that the journal cannot keep is counted, and comes in with a later copy', async () => {
    let full = true;
    const failing = (journal: Journal): Journal =>
      journalBut(journal, {
        append: (uplinks) => (full ? Promise.reject(new JournalFull('full')) : journal.append(uplinks)),
      });
    const roof = await openRoof({ gateways: A, sessions: [device], changed: failing });
    const gateway = await roof.gateway(A);
    gateway.push(rxpkOf(frame(1)));
    await until(async () =>
      expect(await roof.counts()).toMatchObject({ frames: { refused: 1 }, refused: { 'journal-full': 1 } }),
    );
    full = false;
    gateway.push(rxpkOf(frame(1)));
    await until(async () => expect(await roof.kept()).toHaveLength(1));
    expect((await roof.counts()).frames).toEqual({ refused: 1, uplink: 1 });
  });

  it('whose window is open when the server stops is kept', async () => {
    const roof = await openRoof({ gateways: A, sessions: [device] });
    const gateway = await roof.gateway(A);
    gateway.push(rxpkOf(frame(1)));
    await until(() => expect(gateway.answers).toHaveLength(1));
    await roof.door.close();
    expect(await roof.kept()).toHaveLength(1);
  });

  it('whose counter began anew is no uplink, and those who look after the device are told', async () => {
    const roof = await openRoof({
      gateways: A,
      sessions: [device],
      last: new Map([[device.device, { session: device.devAddr, fCnt: 900 }]]),
    });
    (await roof.gateway(A)).push(rxpkOf(frame(0)), rxpkOf(frame(901)));
    await until(async () => expect(await roof.kept()).toHaveLength(1));
    expect(roof.news.filter(({ kind }) => kind === 'log')).toMatchObject([
      { devEui: device.devEui, code: 'counter-anew', level: 'warning' },
    ]);
    expect((await roof.counts()).refused).toEqual({ 'counter-anew': 1 });
  });
});

it('frames in are uplinks, duplicates, foreign frames and what was refused by reason; datagrams in are those that were read and those that were not', async () => {
  const sessions = [abp(1), abp(2), abp(3)];
  const roof = await openRoof({ gateways: [A, B, C].join(','), sessions });
  const gateways = [await roof.gateway(A), await roof.gateway(B), await roof.gateway(C)];
  let framesIn = 0;
  let datagramsIn = 0;
  const push = async (n: number, ...rxpk: readonly unknown[]): Promise<void> => {
    const gateway = gateways[n % 3];
    framesIn += rxpk.length;
    datagramsIn += 1;
    const before = gateway?.answers.length ?? 0;
    gateway?.push(...rxpk);
    await until(() => expect(gateway?.answers.length).toBe(before + 1));
  };
  for (let fCnt = 0; fCnt < 20; fCnt += 1) {
    for (const [n, session] of sessions.entries()) {
      const phy = frame(fCnt, session);
      const flipped = Buffer.from(phy);
      flipped[12] = (flipped[12] ?? 0) ^ 0x10;
      await push(n, rxpkOf(flipped), rxpkOf(phy, { stat: -1 }), rxpkOf(phy), { ...rxpkOf(phy), size: 1 });
      await push(n + 1, rxpkOf(phy), rxpkOf(phy, { freq: 915 }), 'nonsense', rxpkOf(frame(fCnt, abp(77))));
      await push(n + 2, rxpkOf(phy), rxpkOf(phy.subarray(0, 7)), rxpkOf(phy, { data: '*' }));
    }
  }
  for (const n of [0, 1, 2]) {
    gateways[n]?.send(0, '{"rxpk":[],"rxpk":[]}');
    gateways[n]?.send(0, { rxpk: Array(256).fill(0) });
    gateways[n]?.send(0, { stat: { rxnb: -1 } });
    gateways[n]?.send(2);
    datagramsIn += 4;
  }
  await until(async () => expect(await roof.kept()).toHaveLength(60));
  await until(async () => {
    const { frames, datagrams, refused } = await roof.counts();
    expect(frames).toEqual({ uplink: 60, duplicate: 120, foreign: 60, refused: 420 });
    expect(refused).toEqual({
      'mic-wrong': 60,
      'checksum-bad': 60,
      'size-wrong': 60,
      'frequency-wrong': 60,
      'rxpk-wrong': 60,
      'not-lorawan': 60,
      'data-not-base64': 60,
      'doubled-key': 3,
      'too-many-frames': 3,
      'stat-wrong': 3,
    });
    expect(datagrams).toEqual({ 'push-data': 183, 'pull-data': 3 });
    expect(framesIn).toBe(60 + 120 + 60 + 420);
    expect(datagramsIn).toBe(183 + 3 + 3 + 3);
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
