import { mkdirSync } from 'node:fs';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import QRCode from 'qrcode';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import { prepareCalibrations } from '../dashboard/calibration-rows.ts';
import { openHouse, until, type House } from '../dashboard/house.ts';
import { HOSTILE } from '../engineers/engineer.ts';
import { needs } from '../servers/index.ts';
import { axeOn } from './axe.ts';
import { openBrowser } from './browser.ts';

/** Set `KERBSIDE_SHOTS` to a folder to keep pictures of the pages. */
const shots = process.env['KERBSIDE_SHOTS'];
const WIDE = { width: 1280, height: 900 };
const widths = [WIDE, { width: 320, height: 800 }];
const ERS = 'elsys/ers-ems';
const LONG = 'Bartholomew-Featherstonehaugh-Cholmondeley-Highways-and-Transport';

needs('chromium')('the pages of engineers in a real browser', () => {
  let house: House;
  let browser: Browser;
  let session = '';
  let dir = '';
  let contexts: BrowserContext[] = [];
  beforeAll(async () => {
    house = await openHouse();
    const { registry } = house;
    const { link } = await registry.inviteAccount({ email: 'ada@example.org', role: 'engineer' });
    const account = await registry.joinByLink(link.token, { name: 'Ada Brightwater', email: '', hash: 'x' });
    session = (
      await registry.openSession({
        account: account.id,
        stage: 'full',
        idleMs: 3_600_000,
        lastsMs: 3_600_000,
        address: '::1',
        agent: '',
      })
    ).token;
    await registry.addSite({ id: 'merseyway', name: 'Merseyway precinct' });
    await registry.addSite({ id: 'hostile', name: HOSTILE });
    await registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'merseyway', name: HOSTILE });
    await registry.addDevice({ id: LONG.slice(0, 64), profile: 'kerbside/canonical', site: 'hostile' });
    await registry.addDevice({ id: 'ers-1', profile: ERS, devEui: '70b3d57ed0050001', site: 'merseyway' });
    await prepareCalibrations(house);
    for (let day = 9; day >= 0; day -= 1) {
      house.setNow(instant(Date.now() - day * 86_400_000));
      await house.say('aq-1', { no2: 20.5, pm2_5: 8.1, battery_level: 40 + day });
    }
    await house.hear('70b3d57ed0050001', Buffer.from('0100e20229', 'hex'));
    await house.hear('70b3d57ed0059999', Buffer.from('0100e2', 'hex'));
    await house.say('aq-1', Buffer.from([0xff, 0xfe, 0x00]));
    await house.say(LONG.slice(0, 64), { [HOSTILE]: HOSTILE });
    browser = await openBrowser(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']);
    dir = await mkdtemp(join(tmpdir(), 'kerbside-engineers-'));
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
    await rm(dir, { recursive: true });
  });
  afterEach(async () => {
    for (const context of contexts) await context.close();
    contexts = [];
  });

  const open = async (
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ page: Page; complaints: string[] }> => {
    const context = await browser.newContext({ viewport: WIDE, baseURL: house.url, ...options });
    contexts.push(context);
    await context.addCookies([{ name: 'kerbside-session', value: session, url: house.url }]);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  };
  const press = async (page: Page, button: string): Promise<void> =>
    page.getByRole('button', { name: button, exact: true }).click();
  /** What axe finds on a phone, and whether the page is wider than the screen, at both widths. */
  const faultsOf = async (page: Page, name: string): Promise<string[]> => {
    const faults: string[] = [];
    for (const viewport of widths) {
      await page.setViewportSize(viewport);
      const { violations } = viewport.width === 320 ? await axeOn(page) : { violations: [] };
      faults.push(
        ...violations.map(
          ({ id, nodes }) =>
            `${name} ${viewport.width}: ${id}: ${nodes
              .map(({ html }) => html)
              .join(' | ')
              .slice(0, 300)}`,
        ),
      );
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      if (wide !== viewport.width) faults.push(`${name} ${viewport.width}: it is ${String(wide)} px wide`);
      if (shots !== undefined) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: join(shots, `${name}-${viewport.width}.png`), fullPage: true });
      }
    }
    await page.setViewportSize(WIDE);
    return faults;
  };
  /** A QR code as a photo. */
  const photoOf = async (text: string): Promise<string> => {
    const file = join(dir, 'photo.png');
    await writeFile(file, await QRCode.toBuffer(text, { type: 'png', scale: 8, margin: 6 }));
    return file;
  };

  /** Looks at pages and their states, and answers what is wrong with them. */
  const examine = async (
    walk: (at: {
      readonly page: Page;
      readonly look: (name: string) => Promise<void>;
      readonly go: (path: string, name: string) => Promise<void>;
    }) => Promise<void>,
  ): Promise<{ readonly faults: readonly string[]; readonly names: readonly string[] }> => {
    const { page, complaints } = await open();
    const faults: string[] = [];
    const names: string[] = [];
    const look = async (name: string): Promise<void> => {
      names.push(name);
      faults.push(...(await faultsOf(page, name)));
    };
    const go = async (path: string, name: string): Promise<void> => {
      await page.goto(path);
      await look(name);
    };
    await walk({ page, look, go });
    if ((await page.title()) === 'owned') faults.push('a name became a script');
    return { faults: [...faults, ...complaints], names };
  };

  test('each page of registering a sensor, in each of its states, has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { faults, names } = await examine(async ({ page, look, go }) => {
      await go('/engineer', 'engineer');
      await go('/engineer/register', 'register-scan');
      await page.getByLabel('What the code says').fill('70b3d57ed0050001');
      await press(page, 'Continue');
      await look('register-scan-known');
      const draft = `?${new URLSearchParams({ eui: '70b3d57ed00500f1', vendor: '00000000', profile: ERS, id: LONG.slice(0, 60), name: HOSTILE }).toString()}`;
      await go(`/engineer/register/model${draft}`, 'register-model');
      await go(`/engineer/register/name${draft}`, 'register-name');
      await go(`/engineer/register/place${draft}`, 'register-place');
      await press(page, 'Continue');
      await look('register-place-wrong');
      await page.getByLabel('A new site').check();
      await page.getByLabel('Name of the site').fill('Central Library');
      await page.getByLabel('Latitude').fill('north');
      await press(page, 'Continue');
      await look('register-place-wrong-position');
      await go(`/engineer/register/keys${draft}&where=none`, 'register-keys');
      await page.getByLabel('AppKey').fill('12');
      await press(page, 'Continue');
      await look('register-keys-wrong');
      await go(`/engineer/register/check${draft}&where=none`, 'register-check');
      await go(
        `/engineer/register/check?${new URLSearchParams({ eui: '70b3d57ed0050001', profile: ERS, id: 'x-1', where: 'none' }).toString()}`,
        'register-check-wrong',
      );
    });
    expect(faults).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(12);
  }, 240_000);

  test('each page of working on a sensor, in each of its states, has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { faults, names } = await examine(async ({ page, look, go }) => {
      await go('/engineer/devices/ers-1', 'device-lorawan');
      await go('/engineer/devices/aq-1', 'device');
      await house.registry.addDevice({ id: 'new-1', profile: 'kerbside/canonical', status: 'installed' });
      await go('/engineer/devices/new-1', 'device-awaited');
      await go('/engineer/devices/aq-1/status', 'status');
      await press(page, 'Change the status');
      await look('status-wrong');
      await go('/engineer/devices/aq-1/replace', 'replace');
      await press(page, 'Replace it');
      await look('replace-wrong');
    });
    expect(faults).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(7);
  }, 240_000);

  test('each page of the quarantine and of the import, in each of its states, has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { faults, names } = await examine(async ({ page, look, go }) => {
      await go('/engineer/quarantine', 'quarantine');
      await go('/engineer/quarantine?device=a%20b', 'quarantine-wrong');
      await go('/engineer/quarantine?reason=truncated', 'quarantine-none');
      await page.goto('/engineer/quarantine?reason=not-utf8');
      await page
        .getByRole('link', { name: /^Message \d+$/ })
        .first()
        .click();
      await look('quarantined');
      await press(page, 'Drive it through again');
      await look('redriven');
      await go('/engineer/import', 'import');
      await press(page, 'Look at the file');
      await look('import-wrong');
      const csv = join(dir, 'list.csv');
      await writeFile(
        csv,
        `id,profile,site,dev_eui,name\nimp-1,kerbside/canonical,merseyway,,"${HOSTILE.replaceAll('"', '""')}"\nimp-2,no/such,,70b3,${LONG}\n`,
      );
      await page.getByLabel('CSV file').setInputFiles(csv);
      await press(page, 'Look at the file');
      await look('import-report');
      await press(page, 'Take only the good rows');
      await look('import-done');
    });
    expect(faults).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(9);
  }, 240_000);

  test('each page of calibrations and runs over history, in each of its states, has nothing that axe finds, and fits a screen of 320 px', async () => {
    const { faults, names } = await examine(async ({ page, look, go }) => {
      await go('/engineer/devices/cal-1/calibrations', 'calibrations');
      await go('/engineer/devices/aq-1/calibrations', 'calibrations-none');
      await go(
        '/engineer/devices/cal-1/calibrations/fit?look=yes&quantity=no2&reference=station-1&from=2026-01-05&to=2026-01-06T06:00:00Z',
        'fit',
      );
      await go('/engineer/devices/cal-1/calibrations/fit?look=yes', 'fit-wrong');
      await go('/engineer/devices/cal-1/calibrations/add', 'calibrate');
      await press(page, 'Add the calibration');
      await look('calibrate-wrong');
      await page.getByLabel('Quantity').selectOption('no2');
      await page.getByLabel('Offset').fill('3');
      await page.getByLabel('Holds from').fill('2026-01-05');
      await page.getByLabel('Why').fill(HOSTILE);
      await press(page, 'Add the calibration');
      await page.waitForURL('**/engineer/reprocess/*');
      await page.getByText('Done.').waitFor({ timeout: 20_000 });
      await look('run');
      await go('/engineer/reprocess', 'runs');
      await press(page, 'Start');
      await look('runs-wrong');
    });
    expect(faults).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(9);
  }, 240_000);

  test("each page of the codec tester and the fleet's health, in each of its states, has nothing that axe finds, and fits a screen of 320 px", async () => {
    const { faults, names } = await examine(async ({ page, look, go }) => {
      await go(`/engineer/codecs?profile=${encodeURIComponent(ERS)}&case=2`, 'codecs');
      await page.getByLabel('Keep it as a case, called').fill(HOSTILE);
      await press(page, 'Keep it');
      await look('codecs-kept');
      await go('/engineer/codecs', 'codecs-empty');
      await press(page, 'Decode');
      await look('codecs-wrong');
      await go(`/engineer/codecs/compare?a=${encodeURIComponent(ERS)}&device=ers-1`, 'compare');
      await page
        .getByLabel('Or the text of another codec')
        .fill('function decodeUplink(input) { return { data: { temperature: 7 } }; }');
      await press(page, 'Compare');
      await look('compare-found');
      await go('/engineer/health', 'health');
      await press(page, 'Continue');
      await look('health-wrong');
      await page.getByLabel('Tick aq-1', { exact: true }).check();
      await page.getByLabel('What to do').selectOption('maintenance');
      await press(page, 'Continue');
      await look('health-many');
      await press(page, 'Change the status');
      await look('health-many-done');
      await go('/engineer/health?text=zzz', 'health-none');
    });
    expect(faults).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(11);
  }, 240_000);

  test('a photo of a QR code leads to the next question, and one without a code says so', async () => {
    const { page, complaints } = await open();
    await page.goto('/engineer/register');
    await page.getByLabel('Or take or choose a photo of the code').setInputFiles(await photoOf('https://example.org/'));
    await page.getByText('There is a problem').waitFor();
    await page
      .getByLabel('Or take or choose a photo of the code')
      .setInputFiles(await photoOf('LW:D0:1122334455667788:70B3D57ED00500B1:00000000:SYZ44'));
    await page.waitForURL('**/engineer/register/model?**');
    expect(page.url()).toContain('eui=70b3d57ed00500b1');
    await page.goto('/engineer/register');
    const text = join(dir, 'no-picture.png');
    await writeFile(text, 'no picture');
    await page.getByLabel('Or take or choose a photo of the code').setInputFiles(text);
    await page.getByText('no picture that the browser can open').waitFor();
    expect(complaints).toEqual([]);
  });

  test('the camera opens, and is closed again', async () => {
    const { page, complaints } = await open();
    await page.goto('/engineer/register');
    await press(page, 'Use the camera');
    await page.getByText('Hold the code of the label in front of the camera').waitFor();
    expect(await page.locator('video').isVisible()).toBe(true);
    await press(page, 'Stop the camera');
    await page.getByText('The camera is off').waitFor();
    expect(await page.locator('video').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('the position of the browser is filled in', async () => {
    const { page } = await open({
      geolocation: { latitude: 53.4085, longitude: -2.1601, accuracy: 7 },
      permissions: ['geolocation'],
    });
    await page.goto(`/engineer/register/place?${new URLSearchParams({ profile: ERS, id: 'gps-1' }).toString()}`);
    await press(page, 'Use my position');
    await page.getByText('accurate to about 7 m').waitFor();
    expect(await page.getByLabel('Latitude').inputValue()).toBe('53.408500');
    expect(await page.getByLabel('Longitude').inputValue()).toBe('-2.160100');
  });

  test('the first message of a new sensor appears by itself while one waits for it, and can be paused', async () => {
    await house.registry.addDevice({ id: 'wait-1', profile: 'kerbside/canonical', status: 'installed' });
    const { page, complaints } = await open();
    await page.goto('/engineer/devices/wait-1');
    await page.getByText('Waiting for the first message').waitFor();
    await page.locator('[data-follow-state]', { hasText: 'Live' }).waitFor();
    await house.say('wait-1', { no2: 33.3 });
    await page.getByText('33.3').first().waitFor();
    expect(await page.getByText('Waiting for the first message').count()).toBe(0);
    await page.getByRole('link', { name: 'commission it' }).waitFor();
    await press(page, 'Pause updates');
    await house.say('wait-1', { no2: 44.4 });
    await page.waitForTimeout(2_000);
    expect(await page.getByText('44.4').count()).toBe(0);
    await press(page, 'Resume updates');
    await page.getByText('44.4').first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('without JavaScript and by keyboard a sensor is registered, waited for by reloading, and commissioned', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    const enter = async (label: string, text: string): Promise<void> => {
      await page.getByLabel(label, { exact: true }).focus();
      await page.keyboard.type(text);
    };
    await page.goto('/engineer');
    await page.getByRole('link', { name: 'Register a sensor' }).focus();
    await page.keyboard.press('Enter');
    await enter('What the code says, or the DevEUI', '70b3d57ed00500c1');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/register/model**');
    await page.getByLabel('Model', { exact: true }).selectOption(ERS);
    await page.getByRole('button', { name: 'Continue' }).press('Enter');
    await page.waitForURL('**/register/name**');
    await page.getByRole('button', { name: 'Continue' }).press('Enter');
    await page.waitForURL('**/register/place**');
    await page.getByLabel('A site that is registered').press('Space');
    await enter('Its name or id', 'merseyway');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/register/keys**');
    await page.getByRole('link', { name: 'Continue without keys' }).press('Enter');
    await page.waitForURL('**/register/check**');
    await page.getByRole('button', { name: 'Register the sensor' }).press('Enter');
    await page.waitForURL('**/engineer/devices/eui-70b3d57ed00500c1');
    expect(await page.getByText('Waiting for the first message').count()).toBe(1);
    await house.hear('70b3d57ed00500c1', Buffer.from('0100e20229', 'hex'));
    await page.getByRole('link', { name: 'Look again' }).press('Enter');
    await page.getByRole('link', { name: 'commission it' }).press('Enter');
    await page.getByRole('button', { name: 'Change the status' }).press('Enter');
    await page.waitForURL('**?done=status');
    await until(
      () => house.registry.device({ by: 'id', value: deviceId('eui-70b3d57ed00500c1') })?.status === 'commissioned',
    );
  });
});
