import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kinds, places, sensors } from '../../commands/demo/network.ts';
import { recording } from '../servers/programs.ts';
import { needsRecording } from '../servers/needs.ts';

describe('the simulated street network', () => {
  it('has about forty sensors, each under an id of its own that says it is a demo', () => {
    expect(sensors.length).toBeGreaterThanOrEqual(38);
    expect(sensors.length).toBeLessThanOrEqual(44);
    expect(new Set(sensors.map(({ id }) => id)).size).toBe(sensors.length);
    for (const { id } of sensors) expect(id).toMatch(/^demo-/);
  });

  it('has every kind of sensor', () => {
    expect(new Set(sensors.map(({ kind }) => kind))).toEqual(new Set(Object.keys(kinds)));
  });

  it('invents lamp columns that say so, and no street reference numbers', () => {
    expect(places.length).toBeGreaterThan(30);
    for (const place of places) {
      expect(place.asset).toMatch(/^DEMO-\d{3}$/);
      expect(place).not.toHaveProperty('usrn');
    }
    expect(new Set(places.map(({ asset }) => asset)).size).toBe(places.length);
    expect(new Set(places.map(({ id }) => id)).size).toBe(places.length);
  });

  it('lies within the bounds of Stockport', () => {
    expect(places.length).toBeGreaterThan(30);
    for (const { latitude, longitude } of places) {
      expect(longitude).toBeGreaterThan(-2.2468);
      expect(longitude).toBeLessThan(-1.9923);
      expect(latitude).toBeGreaterThan(53.3272);
      expect(latitude).toBeLessThan(53.4549);
    }
  });
});

type Ring = readonly (readonly [number, number])[];
interface Features {
  readonly features: readonly {
    readonly properties: { readonly area_name: string };
    readonly geometry: { readonly coordinates: readonly [Ring] };
  }[];
}

/** Even-odd rule over the outer ring. */
const inside = (ring: Ring, longitude: number, latitude: number): boolean =>
  ring.reduce((within, [x1, y1], index) => {
    const [x2, y2] = ring.at(index - 1) ?? [x1, y1];
    return y1 > latitude !== y2 > latitude && longitude < ((x2 - x1) * (latitude - y1)) / (y2 - y1) + x1
      ? !within
      : within;
  }, false);

const areaOf = (file: string, longitude: number, latitude: number): string | undefined => {
  const { features } = JSON.parse(readFileSync(recording(file), 'utf8')) as Features;
  return features.find(({ geometry }) => inside(geometry.coordinates[0], longitude, latitude))?.properties.area_name;
};

needsRecording('geo/gm_boroughs_2023_generalised.geojson', 'geo/stockport_wards_2023_generalised.geojson')(
  'the places of the demo on the map of the borough',
  () => {
    it.each(places.map((place) => [place.name, place] as const))(
      '%s is in Stockport, and in the ward that it names',
      (_name, { longitude, latitude, ward }) => {
        expect(areaOf('geo/gm_boroughs_2023_generalised.geojson', longitude, latitude)).toBe('Stockport');
        expect(areaOf('geo/stockport_wards_2023_generalised.geojson', longitude, latitude)).toBe(ward);
      },
    );
  },
);
