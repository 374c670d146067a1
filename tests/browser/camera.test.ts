import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';
import { signedIn } from '../engineers/engineer.ts';
import { needs } from '../servers/index.ts';
import { openBrowser } from './browser.ts';
import { filmOf } from './film.ts';

const CODE = 'LW:D0:70B3D57ED0001234:A81758FFFE0312A5:00000000:SERS12345';

needs('chromium')('the camera at the foot of a column', () => {
  let house: House;
  let browser: Browser;
  let dir = '';
  beforeAll(async () => {
    house = await openHouse();
    await house.registry.addSite({ id: 'merseyway', name: 'Merseyway precinct' });
    await house.registry.addDevice({
      id: 'old-1',
      profile: 'elsys/ers-ems',
      devEui: '70b3d57ed0050001',
      site: 'merseyway',
    });
    dir = await mkdtemp(join(tmpdir(), 'kerbside-camera-'));
    const film = join(dir, 'label.y4m');
    await filmOf(CODE, film);
    browser = await openBrowser([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
    await rm(dir, { recursive: true });
  });

  test('reads the code of a label by itself, and goes on to the model; for a replacement it fills the code in and waits', async () => {
    const ada = await signedIn(house);
    const context = await browser.newContext({ baseURL: house.url });
    await context.addCookies([...ada.cookies].map(([name, value]) => ({ name, value, url: house.url })));
    const page = await context.newPage();
    await page.goto('/engineer/register');
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.waitForURL(/\/engineer\/register\/model\?/);
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
      eui: 'a81758fffe0312a5',
      join: '70b3d57ed0001234',
      serial: 'ERS12345',
    });

    await page.goto('/engineer/devices/old-1/replace');
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByText('A code was read, and is filled in below.').waitFor();
    expect(await page.getByLabel('What its code says, or its DevEUI').inputValue()).toBe(CODE);
    expect(new URL(page.url()).pathname).toBe('/engineer/devices/old-1/replace');
    await page.getByRole('button', { name: 'Replace it' }).click();
    await page.getByText('eui-a81758fffe0312a5 stands at Merseyway precinct now').waitFor();
    await context.close();
  });
});
