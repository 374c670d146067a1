import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../../device-profiles/catalogue.ts';
import { isUnusable } from '../../../device-profiles/profile.ts';
import { profileId } from '../../../device-profiles/vocabulary/index.ts';
import { needsRecording } from '../../servers/needs.ts';
import { recording } from '../../servers/programs.ts';
import { openDoor } from './door.ts';

const file = 'lorawan/tourperret_elsys_ems_helium_head600.ndjson';

/** A row as far as it is held against what became of it. */
interface Row {
  readonly raw_packet: string;
  readonly payload: string;
  readonly fcnt: number;
  readonly decoded: { readonly payload: Readonly<Record<string, number>> };
  readonly hotspots: readonly [{ readonly id: string; readonly rssi: number }];
}

const catalogue = await openCatalogue([ownCatalogue]);
afterAll(() => catalogue.close());

needsRecording(file)("a winter of an Elsys EMS on the Tour Perret, as Helium's Console sent it", () => {
  it('comes in message by message: each frame once, whichever hotspots heard it, and nothing is lost', async () => {
    const lines = readFileSync(recording(file), 'utf8').trim().split('\n');
    const rows = lines.map((line): Row => JSON.parse(line));
    const door = await openDoor();
    const outcomes = new Map<unknown, number>();
    for (const line of lines) {
      const { status, json } = await door.post('helium-console', line);
      const outcome = typeof json === 'object' && json !== null && 'outcome' in json ? json.outcome : json;
      const key = `${status} ${String(outcome)}`;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    }
    // Each message is of one hotspot; the frames themselves, by their bytes on the air, are fewer.
    const frames = new Map(rows.toReversed().map((row) => [row.raw_packet, row]));
    expect(lines).toHaveLength(600);
    expect(frames.size).toBe(427);
    expect(Object.fromEntries(outcomes)).toEqual({ '202 appended': 427, '202 duplicate': 173 });
    const { values: received } = await door.metrics.received.get();
    expect(received.find(({ labels }) => labels.connector === 'network-server')?.value).toBe(600);
    const { values: duplicates } = await door.metrics.uplinks.get();
    expect(duplicates).toEqual([
      expect.objectContaining({
        labels: { connector: 'network-server', outcome: 'duplicate', reason: '' },
        value: 173,
      }),
    ]);
    expect((await door.metrics.refused.get()).values).toEqual([]);

    const kept = await door.kept();
    expect(kept).toHaveLength(427);
    // The first message of each is the one that is kept.
    const order = rows.filter((row) => frames.get(row.raw_packet) === row);
    for (const [index, { lorawan, payload, device }] of kept.entries()) {
      const row = order[index];
      const onAir = Buffer.from(row?.raw_packet ?? '', 'base64');
      expect({ ...lorawan, device: device.value, payload: Buffer.from(payload).toString('base64') }).toMatchObject({
        device: 'a81758fffe04b1c1',
        // DevAddr and the lower half of the counter as the frame has them (LoRaWAN 1.0.4, 4).
        session: onAir.readUInt32LE(1).toString(16).padStart(8, '0'),
        fCnt: row?.fcnt,
        payload: row?.payload,
        fPort: 5,
        dataRate: 'SF12BW125',
        receptions: [{ gateway: row?.hotspots[0].id, rssi: row?.hotspots[0].rssi }],
      });
      expect((lorawan?.fCnt ?? 0) % 65_536).toBe(onAir.readUInt16LE(6));
      expect((lorawan?.frequency ?? 0) % 100_000).toBe(0);
    }
    const described = door.told.flatMap((news) => (news.kind === 'gateway' ? [news.gateway] : []));
    expect(new Set(described).size).toBe(new Set(rows.map(({ hotspots }) => hotspots[0].id)).size);
    // Each further hotspot that heard a frame is told of.
    expect(door.told.filter(({ kind }) => kind === 'copy')).toHaveLength(173);

    const elsys = catalogue.get(profileId('elsys/ers-ems'));
    const decoded = await elsys?.decode(
      kept.map(({ payload, receivedAt, lorawan }) => ({ payload, receivedAt, fPort: lorawan?.fPort ?? 0 })),
    );
    let compared = 0;
    for (const [index, result] of (decoded ?? []).entries()) {
      const row = order[index];
      const fields = isUnusable(result) ? undefined : result[0]?.fields;
      expect(fields?.get('temperature')).toBe(row?.decoded.payload['temperature']);
      expect(fields?.get('humidity')).toBe(row?.decoded.payload['humidity']);
      expect(fields?.get('vdd')).toBe(row?.decoded.payload['vdd']);
      compared += 1;
    }
    expect(compared).toBe(427);
  }, 60_000);
});
