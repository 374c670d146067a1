import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import {
  acknowledgementOf,
  FRAMES_AT_MOST,
  readHeader,
  readPush,
} from '../../../gateway/lorawan/semtech-udp/datagram.ts';
import { readRxpk } from '../../../gateway/lorawan/semtech-udp/rxpk.ts';
import { readStat } from '../../../gateway/lorawan/semtech-udp/stat.ts';
import { needsRecording } from '../../servers/needs.ts';
import { recording } from '../../servers/programs.ts';

const at: Instant = instant(1_800_000_000_000);
const gateway = 'aa555a0000000101';
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** The protocol's own example (PROTOCOL.TXT, 4), unpadded and URL-safe. */
const example = {
  time: '2013-03-31T16:21:17.528002Z',
  tmst: 3_512_348_611,
  chan: 2,
  rfch: 0,
  freq: 866.349812,
  stat: 1,
  modu: 'LORA',
  datr: 'SF7BW125',
  codr: '4/6',
  rssi: -35,
  lsnr: 5.1,
  size: 32,
  data: '-DS4CGaDCdG+48eJNM3Vai-zDpsR71Pn9CPA9uCON84',
};

describe('the first twelve bytes', () => {
  it.each([
    ['0201020000016c3743eed467', 'push-data', '02010201'],
    ['01ffee0200016c3743eed467', 'pull-data', '01ffee04'],
    ['02ffee0200016c3743eed467', 'pull-data', '02ffee04'],
    ['0201020500016c3743eed467', 'tx-ack', undefined],
  ])('%s are %s, and the answer is %s', (bytes, kind, answer) => {
    const header = readHeader(hex(bytes));
    expect(header).toMatchObject({ kind, gateway: '00016c3743eed467' });
    if (header.kind === 'not-gwmp') throw new Error(header.detail);
    const acknowledgement = acknowledgementOf(header);
    expect(acknowledgement === undefined ? undefined : Buffer.from(acknowledgement).toString('hex')).toBe(answer);
  });

  it.each([
    ['another version', '0301020000016c3743eed467'],
    ['TX_ACK in version 1', '0101020500016c3743eed467'],
    ['an acknowledgement, which gateways do not send', '0201020100016c3743eed467'],
    ['a downlink, which gateways do not send', '0201020300016c3743eed467'],
    ['an unknown type', '0201020600016c3743eed467'],
    ['eleven bytes', '0201020000016c3743eed4'],
    ['nothing', ''],
  ])('%s is no datagram of a gateway', (_, bytes) => {
    expect(readHeader(hex(bytes)).kind).toBe('not-gwmp');
  });
});

describe('a received frame', () => {
  it('is the example of the protocol', () => {
    expect(readRxpk(example, 0)).toEqual({
      phy: Buffer.from(example.data, 'base64url'),
      checksum: 'ok',
      frequency: 866_349_812,
      dataRate: 'SF7BW125',
      codingRate: '4/6',
      rssi: -35,
      snr: 5.1,
      time: Date.parse('2013-03-31T16:21:17.528Z'),
    });
  });

  it('has its bytes in either alphabet, padded or not', () => {
    const spellings = ['-_8B', '+/8B', '-_8', '-_8=', '+/8', '-w==', '-w', '+w'].map((data) => {
      const read = readRxpk({ ...example, data, size: Buffer.from(data, 'base64').length }, 0);
      return 'phy' in read ? Buffer.from(read.phy).toString('hex') : read.reason;
    });
    expect(spellings).toEqual(['fbff01', 'fbff01', 'fbff', 'fbff', 'fbff', 'fb', 'fb', 'fb']);
  });

  it('of a forwarder with several antennas is as strong as at the best of them', () => {
    const { rssi: _, lsnr: __, ...rest } = example;
    const rsig = [
      { ant: 0, chan: 2, etime: '+PeyOghPpvR4YnV9mNJt0w==', foff: 3773, lsnr: -7, rssic: -108, rssis: -116 },
      { ant: 1, chan: 2, lsnr: -9, rssic: -100, rssis: -120 },
    ];
    expect(readRxpk({ ...rest, aesk: 0, brd: 2, rsig }, 0)).toMatchObject({ rssi: -108, snr: -7 });
    expect(readRxpk({ ...rest, rsig: [] }, 0)).not.toHaveProperty('rssi');
    // 0 dBm is no reading, and the better antenna is the one that has one.
    expect(readRxpk({ ...rest, rssi: 0 }, 0)).not.toHaveProperty('rssi');
    expect(readRxpk({ ...rest, rsig: [{ rssic: 0 }, { rssic: -90 }] }, 0)).toMatchObject({ rssi: -90 });
  });

  it('may be FSK, LR-FHSS, or without a checksum', () => {
    expect(readRxpk({ ...example, modu: 'FSK', datr: 50_000, codr: undefined }, 0)).toMatchObject({
      dataRate: 'FSK50000',
    });
    expect(readRxpk({ ...example, modu: 'LR-FHSS', datr: 'M0CW137' }, 0)).toMatchObject({ dataRate: 'M0CW137' });
    expect([1, 0, -1, undefined].map((stat) => readRxpk({ ...example, stat }, 0))).toMatchObject([
      { checksum: 'ok' },
      { checksum: 'none' },
      { checksum: 'bad' },
      { checksum: 'none' },
    ]);
  });

  it('is dated in UTC, or by GPS, or not', () => {
    const timeOf = (more: object): unknown => {
      const read = readRxpk({ ...example, time: undefined, ...more }, 0);
      return 'time' in read && read.time !== undefined ? new Date(read.time).toISOString() : undefined;
    };
    // 2021-02-26T02:05:34Z is 1,298,340,352 s of GPS time: 18 leap seconds ahead.
    expect(timeOf({ tmms: 1_298_340_352_272 })).toBe('2021-02-26T02:05:34.272Z');
    expect(timeOf({ time: '2021-02-26T02:05:34.272975Z', tmms: 1 })).toBe('2021-02-26T02:05:34.272Z');
    expect(
      [
        { time: 'yesterday' },
        { time: 12 },
        { time: null },
        { tmms: -1 },
        { tmms: 1e300 },
        { time: '2021-02-30T00:00:00Z' },
      ].map(timeOf),
    ).toEqual(Array(6).fill(undefined));
  });

  it.each([
    ['size-wrong', { size: 31 }],
    ['size-wrong', { data: '' }],
    ['data-not-base64', { data: 'a b=' }],
    ['data-not-base64', { data: 'abcde' }],
    ['data-not-base64', { data: '=abc' }],
    ['rxpk-wrong', { data: 'A'.repeat(341) }],
    ['rxpk-wrong', { data: 7 }],
    ['rxpk-wrong', { size: 256 }],
    ['rxpk-wrong', { size: 1.5 }],
    ['rxpk-wrong', { freq: 1e300 }],
    ['rxpk-wrong', { freq: 868_100_000 }],
    ['rxpk-wrong', { freq: -1 }],
    ['rxpk-wrong', { freq: '868.1' }],
    ['rxpk-wrong', { freq: undefined }],
    ['rxpk-wrong', { rssi: 1e9 }],
    ['rxpk-wrong', { lsnr: -1e9 }],
    ['rxpk-wrong', { stat: 2 }],
    ['rxpk-wrong', { modu: 'CSS' }],
    ['rxpk-wrong', { datr: 'SF4BW125' }],
    ['rxpk-wrong', { datr: -50_000 }],
    ['rxpk-wrong', { rsig: Array.from({ length: 17 }, (_, lsnr) => ({ lsnr })) }],
    ['rxpk-wrong', { rsig: [{ lsnr: 1e9 }] }],
  ])('is refused as %s with %j', (reason, change) => {
    expect(readRxpk({ ...example, ...change }, 0)).toMatchObject({ kind: 'refused', reason });
  });

  it('is refused whatever else it is', () => {
    const others = [null, undefined, 1, 'rxpk', [], {}, [example], { rxpk: example }].map((item) => readRxpk(item, 0));
    expect(others.map((each) => ('reason' in each ? each.reason : each))).toEqual(Array(8).fill('rxpk-wrong'));
  });
});

describe('what a gateway counts', () => {
  it('is the example of the protocol', () => {
    const stat = {
      time: '2014-01-12 08:59:28 GMT',
      lati: 46.24,
      long: 3.2523,
      alti: 145,
      rxnb: 2,
      rxok: 2,
      rxfw: 2,
      ackr: 100,
      dwnb: 2,
      txnb: 2,
      temp: 31.4,
    };
    expect(readStat(stat, { gateway, at })).toEqual({
      kind: 'stats',
      gateway,
      connector: 'semtech-udp',
      at,
      received: 2,
      receivedOk: 2,
      forwarded: 2,
      downlinks: 2,
      emitted: 2,
      acknowledged: 1,
      temperature: 31.4,
      position: { latitude: 46.24, longitude: 3.2523, altitude: 145 },
    });
  });

  it('leaves out what cannot be', () => {
    const stat = { rxnb: 5, rxok: 4, rxfw: -1, ackr: 101, dwnb: 'two', temp: 9000, lati: 0, long: 0, alti: 1e9 };
    expect(readStat(stat, { gateway, at })).toEqual({
      kind: 'stats',
      gateway,
      connector: 'semtech-udp',
      at,
      received: 5,
      receivedOk: 4,
    });
    expect(readStat({ ...stat, lati: 91, long: 3 }, { gateway, at })).not.toHaveProperty('position');
    expect(readStat({ ...stat, lati: 51, long: 3 }, { gateway, at })).toMatchObject({
      position: { latitude: 51, longitude: 3 },
    });
  });

  it.each([{}, { rxnb: 1 }, { rxnb: -1, rxok: 0 }, { rxnb: 1e12, rxok: 0 }, { rxnb: '1', rxok: '1' }])(
    'is refused as %j',
    (stat) => {
      expect(readStat(stat, { gateway, at })).toMatchObject({ reason: 'stat-wrong' });
    },
  );
});

describe('what a PUSH_DATA carries', () => {
  const push = (value: unknown): ReturnType<typeof readPush> =>
    readPush(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  it.each([
    ['not-json', '{"rxpk":['],
    ['not-json', ''],
    ['doubled-key', '{"rxpk":[],"rxpk":[]}'],
    ['doubled-key', '{"rxpk":[{"size":1,"size":2}]}'],
    ['wrong-shape', '[]'],
    ['wrong-shape', '{"rxpk":{}}'],
    ['wrong-shape', '{"stat":[]}'],
    ['too-many-frames', JSON.stringify({ rxpk: Array(FRAMES_AT_MOST + 1).fill(0) })],
  ])('is refused as %s: %.40s', (reason, text) => {
    expect(push(text)).toMatchObject({ kind: 'refused', reason });
  });

  it('may be frames, counts, both, or nothing', () => {
    expect(push({ rxpk: Array(FRAMES_AT_MOST).fill(0) })).toMatchObject({ kind: 'pushed', stat: undefined });
    expect(push({ stat: { rxnb: 1 } })).toEqual({ kind: 'pushed', rxpk: [], stat: { rxnb: 1 } });
    expect(push({})).toEqual({ kind: 'pushed', rxpk: [], stat: undefined });
  });

  it('is cut anywhere, flipped anywhere and made of anything without a throw', () => {
    const whole = Buffer.concat([
      hex('0201020000016c3743eed467'),
      Buffer.from(JSON.stringify({ rxpk: [example], stat: { rxnb: 1, rxok: 1, lati: 1, long: 2 } })),
    ]);
    const kinds = new Map<string, number>();
    let read = 0;
    let longest = 0;
    const look = (bytes: Uint8Array): void => {
      read += 1;
      const header = readHeader(bytes);
      const pushed = header.kind === 'not-gwmp' ? header : readPush(header.json);
      kinds.set(pushed.kind, (kinds.get(pushed.kind) ?? 0) + 1);
      if (pushed.kind !== 'pushed') return;
      for (const item of pushed.rxpk) {
        const frame = readRxpk(item, 0);
        longest = Math.max(longest, 'phy' in frame ? frame.phy.length : 0);
      }
      if (pushed.stat !== undefined) readStat(pushed.stat, { gateway, at });
    };
    look(whole);
    expect(Object.fromEntries(kinds)).toEqual({ pushed: 1 });
    for (let n = 0; n < whole.length; n += 1) look(whole.subarray(0, n));
    expect(kinds.get('pushed')).toBe(1);
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const other = Buffer.from(whole);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      look(other);
    }
    const header = whole.subarray(0, 12);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => look(bytes)),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => look(Buffer.concat([header, bytes]))),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        fc.record({
          rxpk: fc.array(
            fc.oneof(
              fc.record(Object.fromEntries(Object.keys(example).map((key) => [key, fc.jsonValue()]))),
              fc.jsonValue(),
            ),
          ),
          stat: fc.jsonValue(),
        }),
        (value) => look(Buffer.concat([header, Buffer.from(JSON.stringify(value))])),
      ),
      { numRuns: 1000 },
    );
    expect(longest).toBeLessThanOrEqual(255);
    expect(read).toBe(1 + whole.length * 9 + 3000);
    expect([...kinds.keys()].toSorted()).toEqual(['not-gwmp', 'pushed', 'refused']);
  });
});

needsRecording('lorawan/semtech_udp_push_data_hex.txt')('thirteen datagrams of a gateway in the field', () => {
  it('are all understood', () => {
    const lines = readFileSync(recording('lorawan/semtech_udp_push_data_hex.txt'), 'utf8').trim().split('\n');
    let frames = 0;
    const stats: unknown[] = [];
    for (const line of lines) {
      const header = readHeader(hex(line.trim()));
      if (header.kind !== 'push-data') throw new Error(header.kind);
      expect(header.gateway).toBe('00006cc3743eed46');
      const pushed = readPush(header.json);
      if (pushed.kind !== 'pushed') throw new Error(pushed.detail);
      for (const item of pushed.rxpk) {
        expect(readRxpk(item, 0)).toMatchObject({ checksum: 'ok', codingRate: '4/5' });
        frames += 1;
      }
      if (pushed.stat !== undefined) stats.push(readStat(pushed.stat, { gateway: header.gateway, at }));
    }
    expect({ datagrams: lines.length, frames, stats: stats.length }).toEqual({ datagrams: 13, frames: 13, stats: 2 });
    expect(stats).toMatchObject([
      { received: 1, receivedOk: 0, forwarded: 0, acknowledged: 0 },
      {
        received: 2,
        receivedOk: 1,
        forwarded: 1,
        acknowledged: 1,
        position: { latitude: 62.02774, longitude: 129.72883, altitude: 348 },
      },
    ]);
  });
});
