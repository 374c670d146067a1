import { Map as MapLibre, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import { boundariesFrom, graticuleOf, PLAIN, styleOf, type Ground } from './map-style.ts';
import { openButtons } from './map-buttons.ts';
import { openPanel } from './map-panel.ts';
import type { Say } from './words.ts';
import { fetchSites } from './map-sites.ts';
import { addOverlay } from './map-overlay.ts';

/**
 * The map that moves, over the picture that the server drew. Sites are real buttons on it; the canvas only shows what
 * lies under them. All that it needs is beside it or comes from the one server that the council chose.
 */

/** How soon sites that changed are fetched again. */
const AGAIN_MS = 10_000;
/** Moved by a button: so much of the width. */
const STEP_PX = 160;
/** A site needs no more: lamp columns are thirty metres apart. */
const ZOOM_AT_MOST = 19;

/** @throws Error when it cannot be drawn; the picture then stays. */
export const openMap = async (host: HTMLElement, show: (words: string) => void, say: Say): Promise<void> => {
  const frame = find(host, '[data-map-frame]');
  const canvas = find(host, '[data-map-canvas]');
  const { worker = '', box = '', boundaries, ground = 'plain', url = '', sites: sitesUrl = '' } = host.dataset;
  setWorkerUrl(new URL(worker, location.href).href);
  const [west = -8, south = 50, east = 2, north = 60] = box.split(',').map(Number);
  // Before there is a map: it says only once that its style is there.
  const sites = await fetchSites(sitesUrl);
  const lines = boundaries === 'true' ? await boundariesFrom('/map/boundaries') : undefined;
  const style = await styleOf({ kind: groundOf(ground), url });
  frame.hidden = false;
  const map = new MapLibre({
    container: canvas,
    style,
    bounds: [west, south, east, north],
    maxZoom: ZOOM_AT_MOST,
    attributionControl: ground === 'plain' ? false : { compact: false },
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: { 'Map.Title': say('map.title') },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-right');
  let styled = false;
  map.on('style.load', () => {
    styled = true;
    addOverlay(map, { graticule: graticuleOf(map), boundaries: lines });
    host.dataset['laid'] = lines === undefined ? 'graticule' : 'graticule and boundaries';
  });
  let told = false;
  map.on('error', ({ error }) => {
    // What a browser may not load, or cannot: the sites are worth showing without it.
    if (told || ground === 'plain') return;
    told = true;
    show(say('map.no-ground', { why: error.message.slice(0, 80) }));
    if (!styled) map.setStyle(PLAIN);
  });
  const panel = openPanel(find(host, '[data-map-panel]'), say);
  const buttons = openButtons(map, { legend: document.querySelector('[data-map-legend]'), choose: panel.show, say });
  buttons.show(sites);
  tools(host, map, [west, south, east, north]);
  follow(async () => buttons.show(await fetchSites(sitesUrl)));
};

const groundOf = (word: string): Ground['kind'] =>
  word === 'style' || word === 'pictures' || word === 'vector-tiles' || word === 'picture-tiles' ? word : 'plain';

const find = (host: HTMLElement, selector: string): HTMLElement => {
  const found = host.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new TypeError(`the page has no ${selector}`);
  return found;
};

const tools = (host: HTMLElement, map: MapLibre, all: [number, number, number, number]): void => {
  const acts: Readonly<Record<string, () => void>> = {
    in: () => void map.zoomIn(),
    out: () => void map.zoomOut(),
    west: () => void map.panBy([-STEP_PX, 0]),
    east: () => void map.panBy([STEP_PX, 0]),
    north: () => void map.panBy([0, -STEP_PX]),
    south: () => void map.panBy([0, STEP_PX]),
    all: () => void map.fitBounds(all),
  };
  for (const button of host.querySelectorAll<HTMLElement>('[data-map-do]'))
    button.addEventListener('click', () => acts[button.dataset['mapDo'] ?? '']?.());
};

/** The page is redrawn by its own script when something changed: then the map is true again a moment later. */
const follow = (again: () => Promise<void>): void => {
  const main = document.querySelector('#main-content');
  if (main === null) return;
  let due: number | undefined;
  const fetchAgain = async (): Promise<void> => {
    due = undefined;
    try {
      await again();
    } catch {
      // The page's own banner says that the connection is cut.
    }
  };
  new MutationObserver(() => {
    due ??= window.setTimeout(() => void fetchAgain(), AGAIN_MS);
  }).observe(main, { attributeFilter: ['data-as-of'] });
};
