import { Marker, type Map as MapLibre } from 'maplibre-gl';
import { clustersOf, type Cluster } from '../map/cluster.ts';
import { latitudeOf, longitudeOf, mercatorX, mercatorY } from '../map/mercator.ts';
import { nameOf, type Site } from './map-sites.ts';
import type { Say } from './words.ts';

/** Sites, and clusters of sites, as buttons that lie on the map. */
export interface Buttons {
  show(sites: readonly Site[]): void;
}

export interface ButtonsContext {
  /** The page's own list of signs, from which they are taken. */
  readonly legend: Element | null;
  readonly say: Say;
  /** Called with what a button stands for, when it cannot be taken apart by going nearer. */
  readonly choose: (sites: readonly Site[], from: HTMLElement) => void;
}

interface Shown {
  readonly marker: Marker;
  readonly button: HTMLButtonElement;
  cluster: Cluster<Site>;
  name: string;
}

/** While the map moves, which buttons there are is looked at again so often; where they are, in each frame. */
const AGAIN_MS = 150;
const TILE_PX = 512;
/** Closer than this no cluster comes apart: the same column. */
const ZOOM_AT_MOST = 18.5;

export const openButtons = (map: MapLibre, { legend, choose, say }: ButtonsContext): Buttons => {
  const shown = new Map<string, Shown>();
  let sites: readonly Site[] = [];
  let due: number | undefined;
  const press = ({ cluster, button }: Shown): void => {
    const { members } = cluster;
    const apart = members.some(({ x, y }) => x !== members[0]?.x || y !== members[0]?.y);
    if (members.length === 1 || !apart || map.getZoom() >= ZOOM_AT_MOST) return choose(members, button);
    const lngs = members.map(({ longitude }) => longitude);
    const lats = members.map(({ latitude }) => latitude);
    map.fitBounds([Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)], {
      padding: 60,
      maxZoom: Math.min(ZOOM_AT_MOST, map.getZoom() + 4),
    });
    // The button goes; whoever pressed it goes on from the map.
    map.getCanvas().focus({ preventScroll: true });
  };
  const add = (cluster: Cluster<Site>): void => {
    const button = document.createElement('button');
    button.type = 'button';
    const marker = new Marker({ element: button })
      .setLngLat([longitudeOf(cluster.x), latitudeOf(cluster.y)])
      .addTo(map);
    const one: Shown = { marker, button, cluster, name: '' };
    button.addEventListener('click', () => press(one));
    shown.set(cluster.key, one);
    dress(one, legend, say);
  };
  const draw = (): void => {
    due = undefined;
    const bounds = map.getBounds();
    const clusters = clustersOf(sites, {
      left: mercatorX(bounds.getWest()),
      right: mercatorX(bounds.getEast()),
      top: mercatorY(bounds.getNorth()),
      bottom: mercatorY(bounds.getSouth()),
      pixels: TILE_PX * 2 ** map.getZoom(),
    });
    const wanted = new Set(clusters.map(({ key }) => key));
    for (const [key, { marker, button }] of shown) {
      if (wanted.has(key)) continue;
      if (button === document.activeElement) map.getCanvas().focus({ preventScroll: true });
      marker.remove();
      shown.delete(key);
    }
    for (const cluster of clusters) {
      const known = shown.get(cluster.key);
      if (known === undefined) add(cluster);
      else if (known.cluster.members !== cluster.members) {
        known.cluster = cluster;
        known.marker.setLngLat([longitudeOf(cluster.x), latitudeOf(cluster.y)]);
        dress(known, legend, say);
      }
    }
  };
  map.on('move', () => {
    due ??= window.setTimeout(draw, AGAIN_MS);
  });
  return {
    show(fresh) {
      sites = fresh;
      draw();
    },
  };
};

/** More names than these nobody hears to the end. */
const NAMED_AT_MOST = 3;

const nameOfAll = (members: readonly Site[], say: Say): string => {
  if (members.length === 1 || members.length > NAMED_AT_MOST) {
    const [worst] = members;
    if (worst === undefined) return '';
    return members.length === 1
      ? nameOf(worst)
      : say('map.group', { sites: members.length.toLocaleString('en-GB'), state: worst.word.toLowerCase() });
  }
  return say('map.group-names', { sites: members.length, names: members.map(nameOf).join('; ') });
};

/** Shape, colour and word of the worst that it stands for; of several also how many. */
const dress = (one: Shown, legend: Element | null, say: Say): void => {
  const { button, cluster } = one;
  const { members } = cluster;
  const [worst] = members;
  if (worst === undefined) return;
  const name = nameOfAll(members, say);
  if (one.name === name && button.dataset['state'] === worst.state) return;
  one.name = name;
  button.dataset['state'] = worst.state;
  button.classList.add('kb-marker');
  button.classList.toggle('kb-marker--many', members.length > 1);
  button.setAttribute('aria-label', name);
  button.title = name;
  const sign = legend?.querySelector(`[data-state="${CSS.escape(worst.state)}"] svg`)?.cloneNode(true);
  const count = document.createElement('span');
  count.textContent = members.length === 1 ? '' : members.length.toLocaleString('en-GB');
  button.replaceChildren(...(sign === undefined ? [] : [sign]), ...(members.length === 1 ? [] : [count]));
};
