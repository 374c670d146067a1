import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import type { Seen, Visitor } from '../accounts/visitor.ts';
import { errorsOf, HOSTILE, signedIn } from './engineer.ts';

let house: House;
let ada: Visitor;
beforeAll(async () => {
  house = await openHouse();
  ada = await signedIn(house);
});
afterAll(() => house.close());

const tokenIn = (text: string): string =>
  /name="form" value="([^"]+)"/.exec(text.slice(text.indexOf('<main')))?.[1] ?? '';

/** Sends a file as a browser does, and follows to where it leads. */
const upload = async (
  who: Visitor,
  csv: string | undefined,
  fields: Readonly<Record<string, string>> = {},
): Promise<Seen> => {
  const page = await who.get('/engineer/import');
  const form = new FormData();
  for (const [name, value] of Object.entries({ form: tokenIn(page.text), ...fields })) form.append(name, value);
  form.append('file', new Blob([csv ?? ''], { type: 'text/csv' }), csv === undefined ? '' : 'list.csv');
  const cookie = [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(`${house.url}/engineer/import`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
    headers: { accept: 'text/html', cookie, origin: house.url },
  });
  const to = answer.headers.get('location');
  return to === null
    ? { status: answer.status, path: '/engineer/import', text: await answer.text(), headers: answer.headers }
    : who.get(to);
};

const GOOD = 'id,profile,site,name\naq-1,kerbside/canonical,north,One\naq-2,kerbside/canonical,north,Two\n';

test('a file is tried first and changes nothing; taken, its sensors are registered and their passwords shown once', async () => {
  const page = await upload(ada, GOOD);
  expect(page.path).toMatch(/^\/engineer\/import\/[\w-]{24}$/);
  expect(page.text).toContain('What would be registered');
  expect(page.text).toMatch(/New sensors<\/dt><dd[^>]*>2</);
  expect(house.registry.devices()).toHaveLength(0);
  const done = await ada.send(page, page.path);
  expect(done.text).toContain('2 sensors are as the file says now');
  const token = /aq-1,([\w-]+)/.exec(done.text)?.[1] ?? '';
  expect(house.registry.authenticateDevice('aq-1', token)?.device.id).toBe('aq-1');
  const [line] = await house.registry.audit({ limit: 1, action: 'device-added' });
  expect(line?.actor.name).toContain('The engineer');
  const gone = await ada.get(page.path);
  expect(gone.status).toBe(400);
  expect(errorsOf(gone.text)).toEqual([expect.stringMatching(/^#file This file is not kept any more/)]);
  expect(gone.text).toContain('type="file"');
  const again = await upload(ada, GOOD);
  expect(again.text).toContain('There is nothing to take');
});

test('bad rows are said by line and column, downloaded with why, and only the good ones taken', async () => {
  const csv = `id,profile,dev_eui,site,name\naq-3,kerbside/canonical,,north,Three\naq-4,no/such,70b3,north,${HOSTILE}\n`;
  const page = await upload(ada, csv);
  expect(page.text).toMatch(/Bad rows<\/dt><dd[^>]*>1</);
  expect(page.text).toContain('<strong>dev_eui</strong>');
  expect(page.text).toContain('(profile-unknown)');
  expect(page.text).not.toContain(HOSTILE);
  const bad = await ada.get(`${page.path}/bad-rows`);
  expect(bad.headers.get('content-type')).toContain('text/csv');
  expect(bad.headers.get('content-disposition')).toContain('bad-rows.csv');
  expect(bad.text.split('\n')[1]).toMatch(/^3,/);
  // As if the choice had not been made: all rows or none.
  const refused = await ada.send(page, page.path, { goodRowsOnly: '' });
  expect(errorsOf(refused.text)).toEqual([expect.stringContaining('#report 1 of 2 rows are bad')]);
  expect(house.registry.device({ by: 'id', value: deviceId('aq-3') })).toBeUndefined();
  const done = await ada.send(page, page.path);
  expect(done.text).toContain('1 bad row was left out');
  expect(house.registry.device({ by: 'id', value: deviceId('aq-3') })).toBeDefined();
});

test('a file that is none, or no file, is said beside the field', async () => {
  expect(errorsOf((await upload(ada, undefined)).text)).toEqual(['#file Choose a CSV file']);
  expect(errorsOf((await upload(ada, 'nonsense')).text)).toEqual([expect.stringMatching(/^#file /)]);
  expect(errorsOf((await upload(ada, '')).text)).toEqual([expect.stringMatching(/^#file /)]);
});

test('keys are kept only where it was asked, and are in no page', async () => {
  const key = '9C41F07A6B2E4D5583A1E6C0D7924B1F';
  const csv = `id,profile,dev_eui,app_key\ners-1,elsys/ers-ems,70b3d57ed0050001,${key}\n`;
  const without = await upload(ada, csv);
  expect(without.text).toContain('Keys that are not kept');
  const withKeys = await upload(ada, csv, { withKeys: 'yes' });
  expect(withKeys.text).toMatch(/keys are kept<\/dt><dd[^>]*>1</);
  await ada.send(withKeys, withKeys.path);
  expect(house.registry.lorawanKeys(deviceId('ers-1'))?.held).toEqual(['appKey']);
  expect((without.text + withKeys.text).toUpperCase()).not.toContain(key);
});

test('nobody sees the file of another', async () => {
  const page = await upload(ada, GOOD);
  const eve = await signedIn(house);
  expect((await eve.get(page.path)).status).toBe(400);
  expect((await eve.get(`${page.path}/bad-rows`)).status).toBe(400);
  expect((await ada.get(page.path)).status).toBe(200);
});

test('a form that is larger than a form needs is refused, and one that is broken', async () => {
  const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const send = async (path: string, body: string, type: string): Promise<number> =>
    (
      await fetch(`${house.url}${path}`, {
        method: 'POST',
        body,
        headers: { accept: 'text/html', cookie, origin: house.url, 'content-type': type },
      })
    ).status;
  expect(await send('/engineer/register', 'x'.repeat(20_000), 'application/x-www-form-urlencoded')).toBe(413);
  expect(await send('/engineer/register', 'x'.repeat(20_000), 'multipart/form-data; boundary=a')).toBe(413);
  expect(await send('/engineer/import', 'no parts at all', 'multipart/form-data; boundary=a')).toBe(400);
  expect(await send('/engineer/import', '', 'multipart/form-data')).toBe(400);
});
