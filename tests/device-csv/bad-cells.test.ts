import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { imported, planning, told } from './ground.ts';

/** A file of one row, its other columns sound. */
const file = (cells: Readonly<Record<string, string>>): string => {
  const row = { id: 'aq-1', profile: 'known/air', ...cells };
  const quoted = Object.values(row).map((cell) => `"${cell.replaceAll('"', '""')}"`);
  return `${Object.keys(row).join(',')}\n${quoted.join(',')}\n`;
};

const eui = '24e124136b502217';
const site = { site: 'mersey-square' };

/** What an engineer may write, and what he is told: line, column, reason and words. */
const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    'an EUI that is too short',
    { dev_eui: '24E12413' },
    '2 dev_eui invalid-id: "24E12413" is not a DevEUI: it must be 16 hexadecimal digits',
  ],
  [
    'an EUI with a letter that is no digit',
    { join_eui: '24E124136B50221O' },
    '2 join_eui invalid-id: "24E124136B50221O" is not a DevEUI: it must be 16 hexadecimal digits',
  ],
  [
    'an EUI of which a spreadsheet made a number',
    { dev_eui: '2,4E+15' },
    '2 dev_eui invalid-id: "2,4E+15" is not an EUI: a spreadsheet made a number of it, and its digits are lost: format the column as text and paste it anew',
  ],
  [
    'an EUI of digits that lost its zeros',
    { dev_eui: '4124136502217' },
    '2 dev_eui invalid-id: "4124136502217" is not an EUI: it has 13 digits, not 16; a spreadsheet may have dropped the zeros in front',
  ],
  [
    'an id with a blank in it',
    { id: 'column 14' },
    '2 id invalid-id: "column 14" is not a device id: it must be 1 to 64 letters, digits, ".", "_", ":" or "-", beginning with a letter or digit',
  ],
  [
    'neither an id nor an EUI',
    { id: '', dev_eui: '' },
    '2 id id-missing: a device needs an id, or a DevEUI from which one is made',
  ],
  [
    'an unknown profile',
    { profile: 'unknown/air' },
    '2 profile profile-unknown: there is no profile "unknown/air": did you mean known/air?',
  ],
  [
    'no profile',
    { profile: '' },
    '2 profile profile-missing: a new device needs a profile: "npx kerbside profiles list" names them',
  ],
  [
    'a status that there is not',
    { status: 'broken' },
    '2 status status-invalid: the status "broken" is not one of: planned, installed, commissioned, maintenance, retired',
  ],
  [
    'a date ahead',
    { ...site, deployed_from: '2026-12-24' },
    '2 deployed_from date-in-future: 2026-12-24T00:00:00.000Z lies in the future: correct the date, or make the device planned',
  ],
  [
    'a British date',
    { ...site, deployed_from: '25/11/2026' },
    '2 deployed_from time-invalid: "25/11/2026" is not a date: write it as 2026-11-25',
  ],
  [
    'a date that can be read in two ways',
    { ...site, deployed_from: '05/11/2026' },
    '2 deployed_from time-invalid: "05/11/2026" is not a date: write it as 2026-11-05, if it is day 5 of month 11',
  ],
  [
    'the number of a day',
    { ...site, deployed_from: '46351' },
    '2 deployed_from time-invalid: "46351" is not a date: a spreadsheet gave the number of a day: format the column as text, and write it as 2026-11-25',
  ],
  [
    'a day that there is not',
    { ...site, deployed_from: '2026-02-30' },
    '2 deployed_from time-invalid: "2026-02-30" is not a date: write it as 2026-11-25 or 2026-11-25T09:30:00Z',
  ],
  [
    'a position outside the area',
    { ...site, latitude: '48.85', longitude: '2.35' },
    '2 latitude position-outside: 48.85, 2.35 lies outside the area 49.8 to 60.9 north, -8.7 to 1.8 east: correct it, or widen the settings area.*',
  ],
  [
    'a position that is swapped',
    { ...site, latitude: '-2.16', longitude: '53.41' },
    '2 latitude position-outside: -2.16, 53.41 lies outside the area',
  ],
  [
    'half a position',
    { ...site, latitude: '53.41', longitude: '' },
    '2 latitude position-invalid: a position needs both latitude and longitude; longitude is missing',
  ],
  [
    'a decimal comma',
    { ...site, latitude: '53,41', longitude: '-2.1' },
    '2 latitude number-invalid: "53,41" is not a number: write it with a point, 53.41',
  ],
  [
    'a number with its unit',
    { ...site, latitude: '53.41', longitude: '2.16 W' },
    '2 longitude number-invalid: "2.16 W" is not a number: write it as 53.4106 or -2.1575, without a unit',
  ],
  [
    'metres off the grid',
    { ...site, easting: '1389000', northing: '390000' },
    '2 northing position-invalid: 1389000, 390000 is not on the British National Grid: metres, easting 0 to 700000 and northing 0 to 1300000',
  ],
  [
    'half of two metres',
    { ...site, easting: '389000', northing: '' },
    '2 northing position-invalid: a position needs both easting and northing; northing is missing',
  ],
  [
    'degrees and metres',
    { ...site, easting: '389000', northing: '390000', latitude: '53.4', longitude: '-2.1' },
    '2 latitude position-invalid: give degrees or easting and northing, not both',
  ],
  [
    'a USRN that lost its zero',
    { ...site, usrn: '4400123' },
    '2 usrn usrn-invalid: "4400123" is not a USRN: a spreadsheet seems to have dropped the zeros in front: write 04400123, in a column that is formatted as text',
  ],
  [
    'a USRN of which a spreadsheet made a number',
    { ...site, usrn: '8.1E7' },
    '2 usrn usrn-invalid: "8.1E7" is not a USRN: a spreadsheet made a number of it, and its digits are lost: format the column as text and paste it anew',
  ],
  [
    'a USRN with a letter',
    { ...site, usrn: '0440012A' },
    '2 usrn usrn-invalid: "0440012A" is not a USRN: it must be 8 digits, with the zeros in front',
  ],
  [
    'a formula in a name',
    { name: '=HYPERLINK("http://x","y")' },
    '2 name formula: "=HYPERLINK(\\"http://x\\",\\"y\\")" begins like a formula of a spreadsheet: write the value itself, or an apostrophe before it if it is meant as a text',
  ],
  ['a formula in an id', { id: '@SUM(A1)' }, '2 id formula: "@SUM(A1)" begins like a formula'],
  ['a formula in a street', { ...site, street: '+44 161' }, '2 street formula: "+44 161" begins like a formula'],
  [
    'a formula in a number',
    { ...site, latitude: '=A1', longitude: '-2.1' },
    '2 latitude formula: "=A1" is a formula: write the number itself',
  ],
  [
    'a name of two lines',
    { name: 'two\nlines' },
    '2 name name-invalid: the name of a device must be 1 to 120 printable characters; it has a character that does not print',
  ],
  [
    'variables without a name',
    { variables: '3500' },
    '2 variables variables-invalid: "3500" is not of the form name=text; several are parted by ";"',
  ],
  ['a variable twice', { variables: 'a=1;a=2' }, '2 variables variables-invalid: "a" is given twice'],
  [
    'a gateway that speaks for all',
    { speaks_for: '*' },
    '2 speaks_for speaks-for-invalid: "*" must be a device id, or a pattern',
  ],
  [
    'a place without a site',
    { street: 'Wellington Road' },
    '2 site site-missing: the row says where, or since when, but not at which site',
  ],
  [
    'a borough that is no word',
    { ...site, borough: 'Stockport 2' },
    '2 borough invalid-id: "Stockport 2" is not a borough',
  ],
];

describe('a cell that cannot be taken is told by its line, its column, a reason and words that say what to do', () => {
  test.each(cases)('%s', async (_, cells, words) => {
    const done = await imported(file(cells));
    expect(told(done)).toEqual([expect.stringContaining(words)]);
    expect(told(done)[0]?.startsWith(words)).toBe(true);
    expect(done.totals).toMatchObject({ rows: 1, bad: 1 });
  });

  test('the cases are those that were thought of, and the sound row is sound', async () => {
    expect(cases.length).toBeGreaterThan(30);
    expect(
      (await imported(file({ ...site, longitude: '-2.16', latitude: '+53.41', deployed_from: '2026-11-25T09:30:00Z' })))
        .totals,
    ).toMatchObject({ new: 1, bad: 0 });
  });

  test('a file of ten rows with ten faults tells of all ten', async () => {
    const rows = cases
      .slice(0, 5)
      .map(
        ([, { dev_eui = '', join_eui = '', id = 'x' }], index) =>
          `${id === '' ? `n-${index}` : `${id}-${index}`},known/air,${dev_eui.replace(',', '.')},${join_eui},1`,
      );
    const done = await imported(`id,profile,dev_eui,join_eui,usrn\n${rows.join('\n')}\n`);
    expect(told(done).filter((line) => line.includes('usrn-invalid'))).toHaveLength(5);
    expect(told(done).filter((line) => line.includes('invalid-id')).length).toBeGreaterThanOrEqual(4);
  });
});

describe('rows that contradict each other, or what is there', () => {
  test('name the other line', async () => {
    const done = await imported(
      `id,profile,dev_eui,site,latitude,longitude\naq-1,known/air,${eui},a,53.41,-2.16\naq-1,known/air,,,,\naq-2,known/air,${eui.toUpperCase()},a,53.42,-2.16\n`,
    );
    expect(told(done)).toEqual([
      '3 id device-twice: aq-1 is on line 2 already',
      `4 dev_eui dev-eui-twice: ${eui} is on line 2 already`,
      '4 latitude site-contradicts: line 2 says "53.41, -2.16" of the site a',
    ]);
  });

  test('name the device, the deployment or the status that is in the way', async () => {
    const { device, deployment } = await known();
    const registry = planning({
      device: (ref) => (ref.value === device.id || ref.value === device.devEui ? device : undefined),
      deployments: () => [deployment],
    });
    const rows = `id,profile,dev_eui,site,deployed_from,status\naq-1,,,b,2026-11-05,\naq-2,known/air,${eui},,,\naq-1b,,,,,\n`;
    expect(told(await imported(rows, registry))).toEqual([
      '2 deployed_from deployment-overlaps: aq-1 stands at a from 2026-11-01T00:00:00.000Z to 2026-11-20T00:00:00.000Z, so it cannot stand elsewhere from 2026-11-05T00:00:00.000Z: a device stands at one site at a time',
      `3 dev_eui dev-eui-exists: ${eui} is "Column 14" (device aq-1)`,
      '4 profile profile-missing: a new device needs a profile: "npx kerbside profiles list" names them',
    ]);
    expect(told(await imported('id,status\naq-1,planned\n', registry))).toEqual([
      '2 status status-refused: aq-1 is commissioned and cannot become planned: from commissioned a device becomes maintenance or retired',
    ]);
  });
});

const known = async () => {
  const { deviceId, devEui, profileId, siteId } = await import('../../device-profiles/vocabulary/index.ts');
  const then = instant(Date.UTC(2026, 10, 1));
  return {
    device: {
      id: deviceId('aq-1'),
      name: 'Column 14',
      devEui: devEui(eui),
      profile: profileId('known/air'),
      status: 'commissioned',
      statusSince: then,
      createdAt: then,
    } as const,
    deployment: { device: deviceId('aq-1'), site: siteId('a'), from: then, to: instant(Date.UTC(2026, 10, 20)) },
  };
};
