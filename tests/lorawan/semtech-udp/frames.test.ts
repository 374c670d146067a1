import { describe, expect, it } from 'vitest';
import { openDelivery } from '../../../gateway/lorawan/deliver.ts';
import { JournalFull, type Journal } from '../../../infra/journal/contract.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { text } from '../../gateway/ground.ts';
import { abp, device, frame } from '../phy/device.ts';
import { A, B, C, openRoof, rxpkOf, until } from './ground.ts';

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
