import { afterAll, beforeAll, expect, test } from 'vitest';
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

const decode = async (fields: Readonly<Record<string, string>>): Promise<Seen> => ada.send(await ada.get('/engineer/codecs'), '/engineer/codecs', fields);

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
  expect(errorsOf((await decode({ profile: ERS, payload: 'xyz' })).text)).toEqual([expect.stringContaining('no hexadecimal digit')]);
  expect(errorsOf((await decode({ profile: ERS, payload: '012' })).text)).toEqual([expect.stringContaining('3 digits')]);
  expect(errorsOf((await decode({ profile: ERS, payload: '01', port: '256' })).text)).toEqual([expect.stringContaining('#port')]);
  expect(errorsOf((await decode({ profile: ERS, payload: '01', device: 'nobody' })).text)).toEqual([expect.stringContaining('#device There is no sensor')]);
  expect((await decode({ profile: ERS, payload: '0100' })).text).toContain('Not understood');
  const hostile = await decode({ profile: 'kerbside/canonical', payload: JSON.stringify({ no2: 12, [HOSTILE]: HOSTILE }) });
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
  const send = async (fields: Readonly<Record<string, string>>): Promise<Seen> => ada.send(form, '/engineer/codecs/compare', fields);
  const codec = 'function decodeUplink(input) { return { data: { temperature: 7 } }; }';
  const page = await send({ a: ERS, codec, device: 'ers-1' });
  expect(page.text).toContain('3 messages compared: 0 the same, 3 different');
  expect(page.text).toContain('observed.temperature');
  const same = await send({ a: ERS, b: ERS, payloads: '0100e2\n0100e3', port: '5' });
  expect(same.text).toContain('2 messages compared: 2 the same');
  expect(errorsOf((await send({})).text)).toEqual(['#a Choose a model']);
  expect(errorsOf((await send({ a: ERS })).text)).toEqual([expect.stringContaining('#b Choose another model')]);
  expect(errorsOf((await send({ a: ERS, b: ERS })).text)).toEqual([expect.stringContaining('#device Enter a sensor')]);
  expect(errorsOf((await send({ a: ERS, b: ERS, device: 'nobody' })).text)).toEqual([expect.stringContaining('#device There is no sensor')]);
  expect(errorsOf((await send({ a: ERS, b: ERS, payloads: '00\nzz' })).text)).toEqual([expect.stringContaining('#payloads Payload 2')]);
});

test('a codec that fails is told with what it threw, in words that can be acted on', async () => {
  const form = await ada.get('/engineer/codecs/compare');
  const send = async (codec: string): Promise<string> => (await ada.send(form, '/engineer/codecs/compare', { a: ERS, codec, payloads: '0100e2\n0100', port: '5' })).text.replaceAll(/<[^>]+>/g, '');
  expect(await send("function decodeUplink(input) { throw new Error('no such byte: ' + input.bytes.length); }")).toMatch(/The second refuses 2: an error of the codec, the first for .*no such byte: 3/);
  expect(await send('syntax error here(')).toMatch(/The second refuses 2: an error of the codec, the first for .*(?:syntax|expect)/i);
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
  expect((await viewer.get('/engineer/codecs/compare')).status).toBe(403);
});
