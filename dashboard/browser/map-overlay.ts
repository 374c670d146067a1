import { GeoJSONSource, type Map as MapLibre } from 'maplibre-gl';
import { graticuleOf, type Lines } from './map-style.ts';

/** Lays over a ground what every map has: boundaries where the council gave them, and lines of longitude and latitude. */
export const addOverlay = (
  map: MapLibre,
  { graticule, boundaries }: { readonly graticule: Lines; readonly boundaries: Lines | undefined },
): void => {
  if (map.getSource('graticule') !== undefined) return;
  map.addSource('graticule', { type: 'geojson', data: graticule });
  map.addLayer({
    id: 'graticule',
    type: 'line',
    source: 'graticule',
    paint: { 'line-color': '#9fb0b5', 'line-width': 1, 'line-dasharray': [4, 4] },
  });
  map.addLayer({
    id: 'graticule-names',
    type: 'symbol',
    source: 'graticule',
    layout: {
      'symbol-placement': 'line',
      'text-field': ['get', 'name'],
      'text-size': 12,
      'text-font': ['Arial', 'sans-serif'],
    },
    paint: { 'text-color': '#505a5f', 'text-halo-color': '#ffffff', 'text-halo-width': 1.5 },
  });
  map.on('moveend', () => {
    const source = map.getSource('graticule');
    if (source instanceof GeoJSONSource) void source.setData(graticuleOf(map));
  });
  if (boundaries === undefined) return;
  // A map is no part of the page's style: the council's colour is told to it.
  const brand = getComputedStyle(document.documentElement).getPropertyValue('--govuk-brand-colour').trim() || '#0d3b45';
  map.addSource('boundaries', { type: 'geojson', data: boundaries });
  map.addLayer({
    id: 'boundaries',
    type: 'line',
    source: 'boundaries',
    paint: { 'line-color': brand, 'line-width': 2 },
  });
  map.addLayer({
    id: 'boundaries-names',
    type: 'symbol',
    source: 'boundaries',
    layout: { 'text-field': ['get', 'name'], 'text-size': 14, 'text-font': ['Arial', 'sans-serif'] },
    paint: { 'text-color': '#0b0c0c', 'text-halo-color': '#ffffff', 'text-halo-width': 2 },
  });
};
