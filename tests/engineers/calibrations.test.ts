import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Seen, Visitor } from '../accounts/visitor.ts';
import { prepareCalibrations } from '../dashboard/calibration-rows.ts';
import { openHouse, until, type House } from '../dashboard/house.ts';
import { errorsOf, HOSTILE, signedIn } from './engineer.ts';

const LIST = '/engineer/devices/cal-1/calibrations';
let house: House;
let ada: Visitor;
beforeAll(async () => {
  house = await openHouse();
  await prepareCalibrations(house);
  ada = await signedIn(house);
});
afterAll(() => house.close());

const over = async (id: number): Promise<void> =>
  until(async () => {
    const job = await house.registry.reprocessJob(id);
    return job?.state === 'done' || job?.state === 'failed';
  }, `run ${id} is over`);
const runOf = (page: Seen): number => Number(/^\/engineer\/reprocess\/(\d+)$/.exec(page.path)?.[1]);

test('calibrations are listed with what they do, who answers for them, and the plot of their fit', async () => {
  const page = await ada.get(LIST);
  expect(page.text).toContain('-20 + 2 × value, in ');
  expect(page.text).toContain('Taken back');
  const plot = /<img class="kb-image" src="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const image = await ada.get(plot);
  expect(image.status).toBe(200);
  expect(image.text).toContain('<svg');
  expect((await ada.get('/engineer/devices/station-1/calibrations')).text).toContain('It is not calibrated');
});

test('a run over a time that lies ahead, or that ends before it begins, is refused where it was typed', async () => {
  const wrong: readonly (readonly [from: string, to: string, words: RegExp])[] = [
    ['2999-01-01', '', /^#from This lies in the future/],
    ['2026-01-05', '2999-01-01', /^#to This lies in the future/],
    ['2026-01-05', '2026-01-05', /^#to It must end after it begins/],
  ];
  for (const [from, to, words] of wrong) {
    const page = await ada.send(await ada.get('/engineer/reprocess'), '/engineer/reprocess', {
      kind: 'device',
      id: 'cal-1',
      from,
      to,
      dryRun: 'yes',
    });
    expect(page.status).toBe(422);
    expect(errorsOf(page.text)).toEqual([expect.stringMatching(words)]);
  }
  expect(wrong.length).toBe(3);
});

test('a line is fitted beside a reference, looked at, used, and its dry run shows what it would change; then it is done', async () => {
  const form = await ada.get(`${LIST}/fit`);
  expect(form.text).toContain('id="reference"');
  const found = await ada.get(
    `${LIST}/fit?look=yes&quantity=no2&reference=station-1&from=2026-01-05&to=2026-01-06T06:00:00Z`,
  );
  expect(errorsOf(found.text)).toEqual([]);
  expect(found.text).toContain('<svg');
  expect(found.text).toMatch(/Reference = -20\.\d* µg\/m³ \+ 2\.\d* × sensor/);
  const use = (/href="([^"]*calibrations\/add\?[^"]*)"/.exec(found.text)?.[1] ?? '').replaceAll('&amp;', '&');
  const add = await ada.get(use);
  const run = await ada.send(add, `${LIST}/add`, {
    quantity: 'no2',
    from: '2026-01-05',
    to: '2026-01-07',
    author: 'The engineer',
    reason: HOSTILE,
    kept: 'look',
  });
  expect(errorsOf(run.text)).toEqual([]);
  expect(run.text).toContain('Dry run');
  await over(runOf(run));
  const seen = await ada.get(run.path);
  expect(seen.text).toContain('What would change');
  // Where the truth is 20 the sensor says 20.
  expect(seen.text).toMatch(/As they were: <\/span>6</);
  expect(seen.text).toMatch(/Another value: <\/span>174</);
  expect(seen.text).not.toContain(HOSTILE);
  const stored = house.registry.calibrations(deviceId('cal-1')).at(-1);
  expect(stored).toMatchObject({ quantity: 'no2', reason: HOSTILE, fit: { reference: { device: 'station-1' } } });

  const real = await ada.send(seen, '/engineer/reprocess');
  expect(runOf(real)).toBe(runOf(run) + 1);
  await over(runOf(real));
  expect((await ada.get(real.path)).text).toContain('Done.');
  const [line] = await house.registry.audit({ limit: 1, action: 'calibration-added' });
  expect(line?.actor.name).toContain('The engineer');
});

test('one that is taken back holds no more, and what it corrected is run again', async () => {
  const version = house.registry.calibrations(deviceId('cal-1')).at(-1)?.version ?? 0;
  const run = await ada.send(await ada.get(LIST), `${LIST}/no2/${version}/withdraw`);
  await over(runOf(run));
  expect(house.registry.calibrations(deviceId('cal-1')).at(-1)?.withdrawnAt).toBeDefined();
  expect((await ada.post(`${LIST}/no2/77/withdraw`, { form: 'x' })).status).toBe(403);
});

test('what is wrong with a calibration is said beside its field', async () => {
  const add = await ada.get(`${LIST}/add`);
  const send = async (fields: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    errorsOf((await ada.send(add, `${LIST}/add`, fields)).text);
  const good = { quantity: 'no2', from: '2026-11-01', offset: '1', author: 'A', reason: 'B', kept: 'leave' };
  expect(await send({})).toEqual(['#quantity Choose a quantity']);
  expect(await send({ ...good, author: '', reason: '' })).toEqual([
    '#author Enter who answers for it',
    '#reason Enter why',
  ]);
  expect(await send({ ...good, from: 'yesterday' })).toEqual([expect.stringContaining('#from Enter a day such as')]);
  expect(await send({ ...good, to: '2026-10-01' })).toEqual([expect.stringMatching(/^#to /)]);
  expect(await send({ ...good, offset: 'ten' })).toEqual([expect.stringContaining('#offset Enter a number')]);
  expect(await send({ ...good, offset: '' })).toEqual([expect.stringContaining('#offset Enter an offset')]);
  expect(await send({ ...good, slope: '0' })).toEqual([expect.stringMatching(/^#slope /)]);
  const fit = async (query: string): Promise<readonly string[]> =>
    errorsOf((await ada.get(`${LIST}/fit?look=yes&${query}`)).text);
  expect(await fit('')).toHaveLength(4);
  expect(await fit('quantity=no2&reference=nobody&from=2026-01-05&to=2026-01-06')).toEqual([
    expect.stringMatching(/^#reference /),
  ]);
  expect(await fit('quantity=no2&reference=station-1&from=2026-01-06&to=2026-01-05')).toEqual([
    expect.stringMatching(/^#to /),
  ]);
  expect(await fit('quantity=no2&reference=station-1&from=2025-01-06&to=2025-02-05')).toEqual([
    expect.stringMatching(/^#quantity .*hours/),
  ]);
});

test('a run is asked for, refused with its reason beside the field, and called off', async () => {
  const page = await ada.get('/engineer/reprocess');
  const send = async (fields: Readonly<Record<string, string>>): Promise<Seen> =>
    ada.send(page, '/engineer/reprocess', fields);
  expect(errorsOf((await send({})).text)).toEqual(['#kind Choose of what']);
  expect(errorsOf((await send({ kind: 'device' })).text)).toEqual(['#id Enter which one']);
  expect(errorsOf((await send({ kind: 'device', id: 'cal-1' })).text)).toEqual(['#from Enter from when']);
  expect(errorsOf((await send({ kind: 'device', id: 'nobody', from: '2026-01-01' })).text)).toEqual([
    expect.stringMatching(/^#id /),
  ]);
  expect(errorsOf((await send({ kind: 'device', id: 'cal-1', from: '2026-01-01', to: '2999-01-01' })).text)).toEqual([
    expect.stringContaining('#to This lies in the future'),
  ]);
  const run = await send({
    kind: 'device',
    id: 'cal-1',
    from: '2026-01-01',
    to: '2026-02-01',
    dryRun: 'yes',
    reason: 'To see',
  });
  await over(runOf(run));
  const late = await ada.post(`${run.path}/cancel`, { form: /name="form" value="([^"]+)"/.exec(run.text)?.[1] ?? '' });
  expect(errorsOf(late.text)).toEqual([expect.stringMatching(/^#state /)]);
  expect((await ada.get('/engineer/reprocess')).text).toContain('Values that differ');
  expect((await ada.get('/engineer/reprocess/9999')).status).toBe(404);
  const viewer = await signedIn(house, 'viewer');
  expect((await viewer.get(run.path)).status).toBe(200);
  expect((await viewer.get(LIST)).text).not.toContain('Take it back');
});
