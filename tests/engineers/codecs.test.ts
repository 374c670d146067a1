import { afterAll, beforeAll, expect, test } from 'vitest';
import { profileId } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import type { Seen, Visitor } from '../accounts/visitor.ts';
import { errorsOf, HOSTILE, signedIn } from './engineer.ts';

const ERS = 'elsys/ers-ems';
let house: House;
let ada: Visitor;
beforeAll(async () => {
  house = await openHouse();
  await house.registry.addDevice({ id: 'ers-1', profile: ERS, devEui: '70b3d57ed0050001' });
  for (const degrees of [200, 210, 220]) await house.hear('70b3d57ed0050001', Buffer.from([1, 0, degrees]));
  ada = await signedIn(house);
});
afterAll(() => house.close());

const decode = async (fields: Readonly<Record<string, string>>): Promise<Seen> =>
  ada.send(await ada.get('/engineer/codecs'), '/engineer/codecs', fields);

test('a payload is decoded with its raw numbers and units, and nothing is stored', async () => {
  const before = house.journal.stats();
  const page = await decode({ profile: ERS, payload: '01:00-e2 0229', port: '5' });
  expect(page.text).toContain('22.6');
  expect(page.text).toContain('temperature = 22.6 °C');
  expect(page.text).toContain('01 00 e2 02 29');
  expect(house.journal.stats()).toEqual(before);
});

test('what is wrong is said beside its field; a payload that is refused says why', async () => {
  expect(errorsOf((await decode({})).text)).toEqual(['#profile Choose a model']);
  expect(errorsOf((await decode({ profile: 'no/such', payload: '00' })).text)).toEqual(['#profile Choose a model']);
  expect(errorsOf((await decode({ profile: ERS })).text)).toEqual(['#payload Paste a payload']);
  expect(errorsOf((await decode({ profile: ERS, payload: 'xyz' })).text)).toEqual([
    expect.stringContaining('no hexadecimal digit'),
  ]);
  expect(errorsOf((await decode({ profile: ERS, payload: '012' })).text)).toEqual([
    expect.stringContaining('3 digits'),
  ]);
  expect(errorsOf((await decode({ profile: ERS, payload: '01', port: '256' })).text)).toEqual([
    expect.stringContaining('#port'),
  ]);
  expect(errorsOf((await decode({ profile: ERS, payload: '01', device: 'nobody' })).text)).toEqual([
    expect.stringContaining('#device There is no sensor'),
  ]);
  expect((await decode({ profile: ERS, payload: '0100' })).text).toContain('Not understood');
  const hostile = await decode({
    profile: 'kerbside/canonical',
    payload: JSON.stringify({ no2: 12, [HOSTILE]: HOSTILE }),
  });
  expect(hostile.text).toContain('12.0');
  expect(hostile.text).not.toContain(HOSTILE);
});

test('a large payload is taken, one beyond that is not', async () => {
  const large = await decode({ profile: ERS, payload: '00'.repeat(100_000), port: '1' });
  expect(large.status).toBe(200);
  expect(large.text).toContain('more bytes');
  expect((await decode({ profile: ERS, payload: '00'.repeat(400_000) })).status).toBe(413);
});

test('the saved cases of a model are decoded anew, hold, and can be opened', async () => {
  const page = await ada.get(`/engineer/codecs?profile=${encodeURIComponent(ERS)}`);
  expect(page.text.match(/>Holds</g)?.length).toBeGreaterThan(5);
  expect(page.text).not.toContain('<strong>Differs</strong>');
  const href = (/href="(\/engineer\/codecs\?[^"]*case=2)#found"/.exec(page.text)?.[1] ?? '').replaceAll('&amp;', '&');
  expect((await ada.get(href)).text).toContain('Water detected');
});

test('two ways to read the same messages are compared: another model, or a pasted codec', async () => {
  const form = await ada.get(`/engineer/codecs/compare?a=${encodeURIComponent(ERS)}&device=ers-1`);
  const send = async (fields: Readonly<Record<string, string>>): Promise<Seen> =>
    ada.send(form, '/engineer/codecs/compare', fields);
  const codec = 'function decodeUplink(input) { return { data: { temperature: 7 } }; }';
  const page = await send({ a: ERS, codec, device: 'ers-1' });
  expect(page.text).toContain('3 messages compared: 0 the same, 3 different');
  expect(page.text).toContain('observed.temperature');
  const same = await send({ a: ERS, b: ERS, payloads: '0100e2\n0100e3', port: '5' });
  expect(same.text).toContain('2 messages compared: 2 the same');
  expect(errorsOf((await send({})).text)).toEqual(['#a Choose a model']);
  expect(errorsOf((await send({ a: ERS })).text)).toEqual([expect.stringContaining('#b Choose another model')]);
  expect(errorsOf((await send({ a: ERS, b: ERS })).text)).toEqual([expect.stringContaining('#device Enter a sensor')]);
  expect(errorsOf((await send({ a: ERS, b: ERS, device: 'nobody' })).text)).toEqual([
    expect.stringContaining('#device There is no sensor'),
  ]);
  expect(errorsOf((await send({ a: ERS, b: ERS, payloads: '00\nzz' })).text)).toEqual([
    expect.stringContaining('#payloads Payload 2'),
  ]);
});

test('what was decoded is kept as a case of the model, is decoded anew at each look, and can be opened and removed', async () => {
  const found = await decode({ profile: ERS, payload: '0100e2 0229', port: '5' });
  const keep = async (caseName: string, page = found): Promise<Seen> =>
    ada.send(page, '/engineer/codecs/cases', { caseName });
  expect(errorsOf((await keep(' ')).text)).toEqual([expect.stringMatching(/^#caseName /)]);
  const kept = await keep(HOSTILE);
  expect(kept.path).toContain('/engineer/codecs?profile=');
  expect(kept.text).toContain('kept by The engineer');
  expect(kept.text).not.toContain(HOSTILE);
  expect(kept.text).not.toContain('<strong>Differs</strong>');
  expect(errorsOf((await keep(HOSTILE)).text).join()).toContain('choose another name');
  // A message that is refused is a case too.
  const refused = await keep('cut off', await decode({ profile: ERS, payload: '0100', port: '5' }));
  expect(refused.text).toContain('refused: cut short');
  const [line] = await house.registry.audit({ limit: 1, action: 'codec-case-added' });
  expect(line).toMatchObject({ subject: { kind: 'profile', id: ERS }, detail: { name: 'cut off' } });

  const own = await house.registry.codecCases(profileId(ERS));
  expect(own.map(({ vector }) => vector.refused ?? vector.readings?.[0]?.observed)).toEqual([
    { temperature: 22.6, humidity: 41 },
    'truncated',
  ]);
  const [first] = own;
  expect((await ada.get(`/engineer/codecs?profile=${encodeURIComponent(ERS)}&own=${first?.id ?? ''}`)).text).toContain(
    '22.6',
  );
  // A case that does not hold any more is said to differ, and how.
  const vector = {
    name: 'another codec',
    from: 'x',
    uplink: { hex: '0100e2', fPort: 5 },
    readings: [{ decoded: { temperature: 22 }, observed: { temperature: 22 } }],
  };
  await house.registry.addCodecCase(profileId(ERS), vector);
  expect((await ada.get(`/engineer/codecs?profile=${encodeURIComponent(ERS)}`)).text).toContain(
    '<strong>Differs</strong>: decoded.temperature is 22.6, not 22',
  );

  const page = await ada.get(`/engineer/codecs?profile=${encodeURIComponent(ERS)}`);
  const gone = await ada.send(page, `/engineer/codecs/cases/${first?.id ?? ''}/remove`);
  expect(gone.text).not.toContain(`/cases/${first?.id ?? ''}/remove`);
  expect((await house.registry.codecCases(profileId(ERS))).map((one) => one.vector.name)).toEqual([
    'cut off',
    'another codec',
  ]);
  expect((await ada.send(page, `/engineer/codecs/cases/${first?.id ?? ''}/remove`)).status).toBe(404);
});

test('a codec that fails is told with what it threw, in words that can be acted on', async () => {
  const form = await ada.get('/engineer/codecs/compare');
  const send = async (codec: string): Promise<string> =>
    (
      await ada.send(form, '/engineer/codecs/compare', { a: ERS, codec, payloads: '0100e2\n0100', port: '5' })
    ).text.replaceAll(/<[^>]+>/g, '');
  expect(
    await send("function decodeUplink(input) { throw new Error('no such byte: ' + input.bytes.length); }"),
  ).toMatch(/The second refuses 2: an error of the codec, the first for .*no such byte: 3/);
  expect(await send('syntax error here(')).toMatch(
    /The second refuses 2: an error of the codec, the first for .*(?:syntax|expect)/i,
  );
  // Both refuse, for other reasons: these are said in words too.
  const both = await send("function decodeUplink() { return { errors: ['nothing'] }; }");
  expect(both).toContain('cut short');
  expect(both).not.toContain('>truncated<');
  const hostile = await send(`function decodeUplink() { throw new Error('${'<b>'.repeat(400)}'); }`);
  expect(hostile.length).toBeLessThan(20_000);
});

test('a viewer tries a payload, and no codec of his own', async () => {
  const viewer = await signedIn(house, 'viewer');
  const page = await viewer.get('/engineer/codecs');
  expect(page.text).not.toContain('/engineer/codecs/compare');
  const tried = await viewer.send(page, '/engineer/codecs', { profile: ERS, payload: '0100e2', port: '5' });
  expect(tried.text).not.toContain('/engineer/codecs/cases');
  expect((await viewer.post('/engineer/codecs/cases', { profile: ERS, payload: '0100e2', caseName: 'x' })).status).toBe(
    403,
  );
  expect((await viewer.get('/engineer/codecs/compare')).status).toBe(403);
});
