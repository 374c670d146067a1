import type { Page } from 'playwright-core';
import { instant, measured } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House, type HouseOptions } from '../dashboard/house.ts';
import { openBrowser } from '../browser/browser.ts';
import { machine, type Machine } from './environment.ts';
import { table } from './report.ts';
import { median } from './sums.ts';

/** How the frames of one map came while it was dragged. */
interface Frames {
  readonly sites: number;
  /** Buttons on the map when the dragging began. */
  readonly buttons: number;
  readonly frames: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** What `bench -- map --json` prints. */
export interface MapFigures {
  readonly environment: Machine;
  readonly browser: string;
  readonly sensors: number;
  /** Medians of the rounds; the two maps took turns. */
  readonly empty: Frames;
  readonly full: Frames;
  /** From asking for the page until the first button lay on the map, median. */
  readonly openMs: number;
}

export interface MapSettings {
  readonly sensors: number;
  readonly rounds: number;
  /** Steps of one drag. */
  readonly steps: number;
}
export const MAP_FULL: MapSettings = { sensors: 10_000, rounds: 5, steps: 240 };
export const MAP_QUICK: MapSettings = { sensors: 10_000, rounds: 1, steps: 120 };

/** A county of sensors, so many at random places; the same ones each time. */
const furnish = async (
  { registry, timeseries, clock }: Parameters<NonNullable<HouseOptions['prepare']>>[0],
  sensors: number,
): Promise<void> => {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const now = clock.now();
  for (let i = 0; i < sensors; i += 1) {
    const site = await registry.addSite({
      id: `site-${i}`,
      name: `Street ${i}`,
      latitude: 53.3 + random() * 0.35,
      longitude: -2.6 + random() * 0.7,
    });
    await registry.addDevice({ id: `dev-${i}`, profile: 'kerbside/canonical', site: site.id });
  }
  const readings = registry.devices().map((device) => ({
    device: device.id,
    site: null,
    borough: null,
    time: instant(now - 60_000),
    receivedAt: now,
    observations: [
      { quantity: 'pm10' as const, value: measured(Math.round(random() * 60)), raw: null, flag: 1 as const },
    ],
  }));
  for (let i = 0; i < readings.length; i += 1_000) await timeseries.write(readings.slice(i, i + 1_000));
};

/** Frame times while the map is dragged to and fro, with all sensors and with none, in turn. */
export const benchMap = async (
  { sensors, rounds, steps }: MapSettings,
  say: (progress: string) => void,
): Promise<MapFigures> => {
  say(`${sensors} sensors are registered`);
  const house = await openHouse({ prepare: (parts) => furnish(parts, sensors) });
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1_280, height: 900 } })).newPage();
    const runs = { empty: [] as Frames[], full: [] as Frames[], open: [] as number[] };
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}`);
      await openMap(page, house, '/map?q=nobody-is-called-that', false);
      runs.empty.push(await drag(page, { sites: 0, steps }));
      runs.open.push(await openMap(page, house, '/map', true));
      runs.full.push(await drag(page, { sites: sensors, steps }));
    }
    return {
      environment: machine(),
      browser: `chromium ${browser.version()}, headless`,
      sensors,
      empty: together(runs.empty),
      full: together(runs.full),
      openMs: Math.round(median(runs.open)),
    };
  } finally {
    await browser.close();
    await house.close();
  }
};

const openMap = async (page: Page, house: House, path: string, withButtons: boolean): Promise<number> => {
  const began = performance.now();
  await page.goto(`${house.url}${path}`, { timeout: 120_000 });
  await page.waitForSelector('.maplibregl-canvas', { timeout: 120_000 });
  if (withButtons) await page.waitForSelector('.kb-marker', { timeout: 120_000 });
  const took = performance.now() - began;
  // The first drawing is not the panning.
  await page.waitForTimeout(2_000);
  return took;
};

/** Drags with a real pointer while the page notes when each of its frames came. */
const drag = async (
  page: Page,
  { sites, steps }: { readonly sites: number; readonly steps: number },
): Promise<Frames> => {
  const buttons = await page.locator('.kb-marker').count();
  const canvas = await page.locator('.maplibregl-canvas').boundingBox();
  if (canvas === null) throw new Error('the map has no canvas');
  await page.mouse.move(canvas.x + canvas.width / 2, canvas.y + 12);
  await page.mouse.down();
  await page.evaluate(
    'window.frameTimes = []; window.noting = true; const note = (at) => { window.frameTimes.push(at); if (window.noting) requestAnimationFrame(note); }; requestAnimationFrame(note);',
  );
  for (let i = 0; i < steps; i += 1) {
    const turn = (i / steps) * 4 * Math.PI;
    await page.mouse.move(
      canvas.x + canvas.width / 2 + 300 * Math.sin(turn),
      canvas.y + 12 + 200 * (1 - Math.cos(turn)),
    );
  }
  const times: unknown = await page.evaluate('window.noting = false; window.frameTimes');
  await page.mouse.up();
  const at = Array.isArray(times) ? times.filter((time) => typeof time === 'number') : [];
  const gaps = at
    .slice(1)
    .map((time, i) => time - (at[i] ?? time))
    .toSorted((a, b) => a - b);
  if (gaps.length < 10) throw new Error(`only ${gaps.length} frames came while the map was dragged`);
  return {
    sites,
    buttons,
    frames: gaps.length,
    medianMs: median(gaps),
    p95Ms: gaps[Math.floor(gaps.length * 0.95)] ?? NaN,
  };
};

const together = (runs: readonly Frames[]): Frames => ({
  sites: runs[0]?.sites ?? 0,
  buttons: Math.max(...runs.map(({ buttons }) => buttons)),
  frames: runs.reduce((sum, { frames }) => sum + frames, 0),
  medianMs: tenth(median(runs.map(({ medianMs }) => medianMs))),
  p95Ms: tenth(median(runs.map(({ p95Ms }) => p95Ms))),
});
const tenth = (n: number): number => Math.round(n * 10) / 10;

export const mapReport = ({ environment, browser, empty, full, openMs }: MapFigures): string =>
  [
    `${environment.processor}, ${environment.cores} cores, load before ${environment.loadBefore.toFixed(1)}, ${browser}`,
    table([
      ['map dragged', 'sites', 'buttons', 'frames', 'median ms', 'p95 ms'],
      ...[['empty', empty] as const, ['full', full] as const].map(([name, one]) => [
        name,
        String(one.sites),
        String(one.buttons),
        String(one.frames),
        String(one.medianMs),
        String(one.p95Ms),
      ]),
    ]),
    `the first button lay on the map after ${openMs} ms`,
  ].join('\n');
