import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, expect, it, vi } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../../device-profiles/catalogue.ts';
import { devEui, profileId } from '../../../device-profiles/vocabulary/index.ts';
import { parseFrame } from '../../../gateway/lorawan/phy/frame.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { needsRecording } from '../../servers/needs.ts';
import { recording } from '../../servers/programs.ts';
import { abp, sent } from '../phy/device.ts';
import { openRoof, rxpkOf, type Gateway, type Roof } from './ground.ts';

const perret = 'lorawan/tourperret_elsys_ems_helium_head600.ndjson';
const datagrams = 'lorawan/semtech_udp_push_data_hex.txt';

/** A row as far as it is looked at: a frame as one hotspot heard it, and what the network made of it. */
interface Row {
  readonly dev_eui: string;
  /** As it stands in the frame: lowest byte first. */
  readonly devaddr: string;
  readonly raw_packet: string;
  readonly payload: string;
  readonly fcnt: number;
  readonly port: number;
  readonly reported_at: number;
  readonly decoded: { readonly payload: Readonly<Record<string, number>> };
  readonly hotspots: readonly {
    readonly id: string;
    readonly rssi: number;
    readonly snr: number;
    readonly spreading: string;
    readonly frequency: number;
  }[];
}

const until = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 });
const euiOf = (hotspot: string): string => createHash('sha256').update(hotspot).digest('hex').slice(0, 16);
const catalogue = await openCatalogue([ownCatalogue]);
afterAll(() => catalogue.close());

needsRecording(perret)('a winter of an Elsys EMS on the Tour Perret, by the gateways that heard it', () => {
  const rows: Row[] = readFileSync(recording(perret), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const hotspots = [...new Set(rows.flatMap(({ hotspots: heard }) => heard.map(({ id }) => id)))];
  const wireOf = ({ raw_packet: raw }: Row): Buffer => Buffer.from(raw, 'base64');
  // The keys of the recording are nobody's to know. The same frames under keys of a test: all but the encrypted payload and the MIC is as it was.
  const keys: AbpSession = abp(1, { devEui: devEui('a81758fffe04b1c1'), devAddr: '48000007' });
  const signedAnew = (row: Row): Buffer => {
    const wire = wireOf(row);
    const control = wire[5] ?? 0;
    return sent(keys, {
      fCnt: row.fcnt,
      fPort: row.port,
      payload: Buffer.from(row.payload, 'base64'),
      confirmed: true,
      flags: control & 0xf0,
      fOpts: wire.subarray(8, 8 + (control & 0x0f)),
    });
  };

  /** Sends every row from its hotspot, one after the other, as often as the hotspot is asked to. */
  const replay = async (roof: Roof, phyOf: (row: Row) => Uint8Array): Promise<void> => {
    const gateways = new Map<string, Gateway>();
    for (const id of hotspots) gateways.set(id, await roof.gateway(euiOf(id)));
    for (const row of rows) {
      for (const { id, rssi, snr, spreading, frequency } of row.hotspots) {
        const gateway = gateways.get(id);
        const before = gateway?.answers.length ?? 0;
        gateway?.push(rxpkOf(phyOf(row), { rssi, lsnr: snr, datr: spreading, freq: frequency }));
        await vi.waitFor(() => expect(gateway?.answers.length).toBe(before + 1), { timeout: 5_000, interval: 1 });
      }
    }
  };
  const gateways = hotspots.map(euiOf).join(',');

  it('says in its raw frames what the network said of them', () => {
    let compared = 0;
    for (const row of rows) {
      const frame = parseFrame(wireOf(row));
      if (frame.kind !== 'data-up') throw new Error(frame.kind);
      expect([frame.devAddr, frame.fCnt16, frame.fPort, frame.frmPayload.length, frame.confirmed]).toEqual([
        Buffer.from(row.devaddr, 'hex').reverse().toString('hex'),
        row.fcnt & 0xffff,
        row.port,
        Buffer.from(row.payload, 'base64').length,
        true,
      ]);
      compared += 1;
    }
    expect([compared, hotspots.length, new Set(rows.map(({ raw_packet: raw }) => raw)).size]).toEqual([600, 15, 427]);
  });

  it('is foreign without keys, and with wrong ones its MIC does not fit: 600 frames in, none kept', async () => {
    const without = await openRoof({ gateways });
    await replay(without, wireOf);
    await until(async () =>
      expect(await without.counts()).toEqual({
        frames: { foreign: 600 },
        datagrams: { 'push-data': 600 },
        refused: {},
      }),
    );
    expect(without.news.filter(({ kind }) => kind === 'frame')).toHaveLength(600);
    const wrong = await openRoof({ gateways, sessions: [keys] });
    await replay(wrong, wireOf);
    await until(async () =>
      expect(await wrong.counts()).toMatchObject({ frames: { refused: 600 }, refused: { 'mic-wrong': 600 } }),
    );
    expect([await without.kept(), await wrong.kept()]).toEqual([[], []]);
  });

  it('is 427 uplinks of 600 copies with the keys, and each is decoded as the network decoded it', async () => {
    const roof = await openRoof({ gateways, sessions: [keys] });
    let changed = 0;
    await replay(roof, (row) => {
      const [ours, theirs] = [signedAnew(row), wireOf(row)];
      // Header, MAC commands and port: everything before the payload.
      const clear = theirs.length - 4 - Buffer.from(row.payload, 'base64').length;
      if (ours.length !== theirs.length || ours.compare(theirs, 0, clear, 0, clear) !== 0) changed += 1;
      return ours;
    });
    expect(changed).toBe(0);
    await until(async () => {
      const { frames, refused } = await roof.counts();
      expect({ frames, refused }).toEqual({ frames: { uplink: 427, duplicate: 173 }, refused: {} });
    });
    const kept = await roof.kept();
    const byCounter = new Map(rows.map((row) => [row.fcnt, row]));
    expect(kept.map(({ lorawan }) => lorawan?.fCnt)).toEqual([...byCounter.keys()]);
    const elsys = catalogue.get(profileId('elsys/ers-ems'));
    const results = await elsys?.decode(
      kept.map(({ payload, receivedAt, lorawan }) => ({ payload, receivedAt, fPort: lorawan?.fPort ?? 0 })),
    );
    let compared = 0;
    for (const [index, { payload, device, lorawan }] of kept.entries()) {
      const row = byCounter.get(lorawan?.fCnt ?? -1);
      expect([Buffer.from(payload).toString('base64'), device.value]).toEqual([
        row?.payload,
        row?.dev_eui.toLowerCase(),
      ]);
      const ours = new Map(['temperature', 'humidity', 'vdd'].map((key) => [key, row?.decoded.payload[key]]));
      ours.set('wet', (row?.decoded.payload['waterleak'] ?? 0) > 0 ? 1 : 0);
      expect(results?.[index]).toEqual([{ fields: ours, unmapped: 2 }]);
      compared += 1;
    }
    expect(compared).toBe(427);
  });
});

needsRecording(datagrams)('thirteen datagrams of a gateway in the field', () => {
  it('are answered, and their frames are heard and foreign', async () => {
    const roof = await openRoof({ gateways: '00006cc3743eed46' });
    const gateway = await roof.gateway('00006cc3743eed46');
    const lines = readFileSync(recording(datagrams), 'utf8').trim().split('\n');
    for (const line of lines) gateway.sendRaw(Buffer.from(line.trim(), 'hex'));
    await until(async () =>
      expect(await roof.counts()).toEqual({ frames: { foreign: 13 }, datagrams: { 'push-data': 13 }, refused: {} }),
    );
    await until(() => expect(gateway.answers).toEqual(lines.map((line) => `${line.slice(0, 6)}01`)));
    expect(roof.news.filter(({ kind }) => kind === 'stats')).toHaveLength(2);
    expect(roof.news.filter(({ kind }) => kind === 'frame')).toHaveLength(13);
  });
});
