import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { isUnusable } from '../../device-profiles/profile.ts';
import { measure } from '../../device-profiles/measure.ts';
import { instant, profileId } from '../../device-profiles/vocabulary/index.ts';
import { needsRecording } from '../servers/needs.ts';
import { recording } from '../servers/programs.ts';

const file = 'lorawan/tourperret_elsys_ems_helium_head600.ndjson';

/** A row as far as it is looked at: the frame, and what the network made of it. */
interface Row {
  readonly payload: string;
  readonly port: number;
  readonly reported_at: number;
  readonly decoded: { readonly payload: Readonly<Record<string, number>> };
}

const catalogue = await openCatalogue([ownCatalogue]);
afterAll(() => catalogue.close());

needsRecording(file)('a winter of an Elsys EMS on the Tour Perret', () => {
  const elsys = catalogue.get(profileId('elsys/ers-ems'));

  it('is decoded as the network decoded it, row by row', async () => {
    const rows: Row[] = readFileSync(recording(file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    // What is no measurement in the profile (how the housing lies, the door switch) is in the network's words but not
    // in ours.
    const measured = ['temperature', 'humidity', 'vdd'] as const;
    let compared = 0;
    const results = await elsys?.decode(
      rows.map(({ payload, port, reported_at: reported }) => ({
        payload: Buffer.from(payload, 'base64'),
        receivedAt: instant(reported),
        fPort: port,
      })),
    );
    for (const [index, { decoded }] of rows.entries()) {
      const result = results?.[index];
      compared += 1;
      const ours = new Map<string, number | undefined>(measured.map((key) => [key, decoded.payload[key]]));
      ours.set('wet', (decoded.payload['waterleak'] ?? 0) > 0 ? 1 : 0);
      // digital and pulseAbs: the door switch, which nobody mapped.
      expect({ row: compared, result }).toEqual({ row: compared, result: [{ fields: ours, unmapped: 2 }] });
    }
    expect(compared).toBe(600);
  });

  it('is measured in volts, not millivolts', async () => {
    const [row]: Row[] = readFileSync(recording(file), 'utf8')
      .split('\n', 1)
      .map((line) => JSON.parse(line));
    const payload = Buffer.from(row?.payload ?? '', 'base64');
    const [result] = (await elsys?.decode([{ payload, receivedAt: instant(0), fPort: 5 }])) ?? [];
    if (elsys === undefined || result === undefined || isUnusable(result) || result[0] === undefined)
      throw new Error('not decoded');
    expect(measure(elsys, result[0])).toContainEqual({
      quantity: 'battery_voltage',
      raw: 3616,
      value: { kind: 'measured', value: 3.616 },
    });
  });
});
