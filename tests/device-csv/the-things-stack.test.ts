import { describe, expect, test } from 'vitest';
import { importReport } from '../../infra/device-csv/report.ts';
import { badRows, imported, planning, told } from './ground.ts';

/** All columns that The Things Stack's documentation and importer know, with keys that can be recognised. */
const keys = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(32));
const header =
  'id;dev_eui;join_eui;name;description;frequency_plan_id;lorawan_version;lorawan_phy_version;brand_id;model_id;hardware_version;firmware_version;band_id;app_key;nwk_key;rx1_delay;supports_32_bit_f_cnt;dev_addr;app_s_key;f_nwk_s_int_key;last_f_cnt_up;last_n_f_cnt_down;last_a_f_cnt_down;supports_class_c;vendor_id;vendor_profile_id;location_latitude;location_longitude';
const device = (id: string, eui: string, { model = 'vs133', latitude = '53.41' } = {}): string =>
  `${id};${eui};24E124C0002A0001;Device ${id};a text;EU_863_870_TTN;MAC_V1_0_4;RP002_V1_0_3;milesight-iot;${model};1.0;1.0;EU_863_870;${keys[0]};${keys[1]};RX_DELAY_5;false;01020304;${keys[2]};${keys[3]};12;12;12;true;1;1;${latitude};-2.16`;

describe('the end-device CSV of The Things Stack', () => {
  test('becomes devices with their profile, and a site of their own where they have a position', async () => {
    const done = await imported(
      [header, device('test-one', '1111111111111111'), device('', '2222222222222222')]
        .join('\n')
        .split('')
        .map((c) => Buffer.from(c)),
    );
    expect(told(done)).toEqual([]);
    expect(done.totals).toMatchObject({ new: 2, sitesNew: 2 });
    expect(done.rows.map(({ id }) => id)).toEqual(['test-one', 'eui-2222222222222222']);
    expect(done.file.rows[0]).toMatchObject({
      profile: 'known/counter',
      devEui: '1111111111111111',
      placeByDevice: true,
      place: { latitude: 53.41 },
    });
  });

  test('is taken without its keys: they are named once, and are nowhere in what comes out', async () => {
    const slipped = device('test-three', '3333333333333333').replace('Device', 'De;vice');
    const done = await imported(
      [
        header,
        device('test-one', '1111111111111111'),
        device('test-two', '1111111111111111', { model: 'vs999' }),
        slipped,
      ].join('\n'),
    );
    expect(done.totals).toMatchObject({ new: 1, bad: 2 });
    expect(done.file.header.secrets).toEqual(['app_key', 'nwk_key', 'app_s_key', 'f_nwk_s_int_key']);
    expect(done.file.header.unused).toContain('frequency_plan_id');
    const out = [JSON.stringify(importReport(done, {})), JSON.stringify(done.file.rows), badRows(done)].join('\n');
    expect(out).toContain('test-two');
    for (const key of keys) expect(out).not.toContain(key);
    // Four of the one bad row; of the one that has slipped all 29 cells but the id.
    expect(badRows(done).match(/\*\*\*/g)).toHaveLength(4 + 28);
  });

  test('says which model is not known, and takes a profile that is named beside it', async () => {
    const unknown = await imported(`${header}\n${device('a', '1111111111111111', { model: 'vs999' })}\n`);
    expect(told(unknown)).toEqual([
      expect.stringMatching(
        /^2 brand_id profile-unknown: no profile is known as "milesight-iot\/vs999": name one in a column profile/,
      ),
    ]);
    const named = await imported(
      `${header};profile\n${device('a', '1111111111111111', { model: 'vs999' })};known/air\n`,
      planning(),
    );
    expect(named.totals).toMatchObject({ new: 1, bad: 0 });
  });

  test('has its position checked as any other', async () => {
    const done = await imported(`${header}\n${device('a', '1111111111111111', { latitude: '5.341' })}\n`);
    expect(told(done)).toEqual([
      expect.stringMatching(/^2 location_latitude position-outside: 5.341, -2.16 lies outside/),
    ]);
  });
});
