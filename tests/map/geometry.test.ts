import * as fc from 'fast-check';
import proj4 from 'proj4';
import { describe, expect, test } from 'vitest';
import { APART_PX, BUTTONS_AT_MOST, clustersOf, type Spot } from '../../dashboard/map/cluster.ts';
import { graticule, LINES_AT_MOST, meridianWords, parallelWords } from '../../dashboard/map/graticule.ts';
import {
  boxOf,
  boxShown,
  fit,
  latitudeOf,
  LATITUDE_AT_MOST,
  longitudeOf,
  mercatorX,
  mercatorY,
  type Position,
} from '../../dashboard/map/mercator.ts';
import { HEIGHT, pictureOf, pointIn, roomsOf, WIDTH } from '../../dashboard/map/picture.ts';

const longitudes = fc.double({ min: -180, max: 180, noNaN: true });
const latitudes = fc.double({ min: -85, max: 85, noNaN: true });
const positions = fc.record({ longitude: longitudes, latitude: latitudes });
const UK = { west: -8.7, south: 49.8, east: 1.8, north: 60.9 };

describe('the projection', () => {
  test('gives back the place that it was given, to a millionth of a degree', () => {
    fc.assert(
      fc.property(positions, ({ longitude, latitude }) => {
        expect(longitudeOf(mercatorX(longitude))).toBeCloseTo(longitude, 6);
        expect(latitudeOf(mercatorY(latitude))).toBeCloseTo(latitude, 6);
      }),
    );
  });

  test('is that of EPSG:3857 as PROJ reckons it, to a millimetre, and the poles are on the edge', () => {
    const metres = 2 * Math.PI * 6_378_137;
    fc.assert(
      fc.property(positions, ({ longitude, latitude }) => {
        const [east = NaN, north = NaN] = proj4('EPSG:4326', 'EPSG:3857', [longitude, latitude]);
        expect((mercatorX(longitude) - 0.5) * metres).toBeCloseTo(east, 3);
        expect((0.5 - mercatorY(latitude)) * metres).toBeCloseTo(north, 3);
      }),
    );
    expect(mercatorY(90)).toBeCloseTo(0, 9);
    expect(mercatorY(-LATITUDE_AT_MOST)).toBeCloseTo(1, 9);
  });

  test('a number of a picture is drawn where it lies on no sign and on no other number, on a phone with its larger signs too', () => {
    const marks = fc.array(
      fc.record({
        x: fc.double({ min: 0, max: WIDTH, noNaN: true }),
        y: fc.double({ min: 0, max: HEIGHT, noNaN: true }),
      }),
      { maxLength: 40 },
    );
    let drawn = 0;
    fc.assert(
      fc.property(marks, (all) => {
        const rooms = roomsOf(all);
        for (const [scale, shownAs] of [
          [1, ['always', 'wide']],
          [1.9, ['always']],
        ] as const) {
          const boxes = all.map(({ x, y }) => ({
            left: x + 13 * scale,
            right: x + 36 * scale,
            top: y - 10 * scale,
            bottom: y + 10 * scale,
          }));
          const shown = boxes.map((_, n) => shownAs.some((room) => room === rooms[n]));
          for (const [n, box] of boxes.entries()) {
            if (!shown[n]) continue;
            drawn += 1;
            const clear = (other: typeof box): boolean =>
              other.left >= box.right || other.right <= box.left || other.top >= box.bottom || other.bottom <= box.top;
            for (const [m, { x, y }] of all.entries()) {
              if (m === n) continue;
              expect(
                clear({ left: x - 13 * scale, right: x + 13 * scale, top: y - 13 * scale, bottom: y + 13 * scale }),
              ).toBe(true);
              expect(shown[m] !== true || clear(boxes[m] ?? box)).toBe(true);
            }
          }
        }
      }),
    );
    expect(drawn).toBeGreaterThan(100);
    expect(
      roomsOf([
        { x: 100, y: 100 },
        { x: 160, y: 100 },
        { x: 400, y: 100 },
        { x: 425, y: 100 },
      ]),
    ).toEqual(['wide', 'always', 'never', 'always']);
  });

  test('a picture holds every site that it is laid around, inside its edges, north above south and west left of east', () => {
    fc.assert(
      fc.property(fc.array(positions, { minLength: 1, maxLength: 40 }), (sites) => {
        const { laid, picture } = pictureOf(sites, [], UK);
        const points = sites.map((site) => pointIn(laid, site));
        for (const { x, y } of points) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(WIDTH);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(HEIGHT);
        }
        for (const [i, a] of sites.entries())
          for (const [j, b] of sites.entries()) {
            expect(a.longitude >= b.longitude || (points[i]?.x ?? NaN) <= (points[j]?.x ?? NaN)).toBe(true);
            expect(a.latitude >= b.latitude || (points[i]?.y ?? NaN) >= (points[j]?.y ?? NaN)).toBe(true);
          }
        expect(picture.box.west).toBeLessThan(picture.box.east);
        expect(picture.box.south).toBeLessThan(picture.box.north);
      }),
    );
  });

  test('without sites the picture is of the boundaries, and without these of the area where sites may lie', () => {
    const { picture } = pictureOf([], [], UK);
    expect(picture.box.west).toBeLessThan(UK.west);
    expect(picture.box.north).toBeGreaterThan(UK.north);
    const line: Position[] = [
      { longitude: -2.2, latitude: 53.3 },
      { longitude: -2.0, latitude: 53.5 },
    ];
    const box = boxOf(line) ?? UK;
    const small = pictureOf([], [{ name: '', area: false, lines: [line], box }], UK).picture;
    expect(small.lines).toMatch(/^M[\d.]+ [\d.]+L[\d.]+ [\d.]+$/);
    expect(small.box.east - small.box.west).toBeLessThan(1);
  });
});

describe('the graticule', () => {
  const boxes = fc
    .tuple(longitudes, latitudes, fc.double({ min: 1e-4, max: 100, noNaN: true }))
    .map(([west, south, span]) => ({
      west,
      south,
      east: Math.min(180, west + span),
      north: Math.min(85, south + span),
    }));

  test('has two to eight lines along the longer side, in order, at whole steps, inside the box', () => {
    fc.assert(
      fc.property(boxes, (box) => {
        fc.pre(Math.max(box.east - box.west, box.north - box.south) >= 1e-4);
        const { meridians, parallels, step } = graticule(box);
        for (const lines of [meridians, parallels]) {
          expect(lines.length).toBeLessThanOrEqual(LINES_AT_MOST);
          for (const [i, line] of lines.entries()) {
            expect(Math.abs(line / step - Math.round(line / step))).toBeLessThan(1e-6);
            expect(line).toBeGreaterThan(lines[i - 1] ?? -Infinity);
          }
        }
        for (const line of meridians) expect(line >= box.west - 1e-9 && line <= box.east + 1e-9).toBe(true);
        for (const line of parallels) expect(line >= box.south - 1e-9 && line <= box.north + 1e-9).toBe(true);
        const longer = box.east - box.west > box.north - box.south ? meridians : parallels;
        expect(longer.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('says its lines as people do, and not 0.30000000000000004', () => {
    const { meridians } = graticule({ west: -2.3, south: 53.3, east: -1.9, north: 53.5 });
    expect(meridians.map(meridianWords)).toEqual(['2.3° W', '2.2° W', '2.1° W', '2° W', '1.9° W']);
    expect(parallelWords(53.4)).toBe('53.4° N');
    expect(meridianWords(0)).toBe('0°');
  });
});

describe('clusters', () => {
  const places = fc.tuple(
    fc.double({ min: 0.49, max: 0.5, noNaN: true }),
    fc.double({ min: 0.32, max: 0.33, noNaN: true }),
  );
  const spots = fc
    .oneof(fc.array(places, { maxLength: 150 }), fc.array(places, { minLength: 151, maxLength: 600, size: 'max' }))
    .map((all): Spot[] => all.map(([x, y], i) => ({ key: `site-${i}`, x, y })));
  const views = fc
    .tuple(
      fc.double({ min: 0.489, max: 0.5, noNaN: true }),
      fc.double({ min: 0.319, max: 0.33, noNaN: true }),
      fc.integer({ min: 8, max: 20 }),
    )
    .map(([left, top, zoom]) => {
      const pixels = 512 * 2 ** zoom;
      return { left, top, right: left + 1280 / pixels, bottom: top + 620 / pixels, pixels };
    });

  test('up to 150 sites are all on the map; of more there are never more than 150 buttons, each site in view is in exactly one, and no key twice', () => {
    let clustered = 0;
    fc.assert(
      fc.property(spots, views, (all, view) => {
        const found = clustersOf(all, view);
        expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
        if (all.length > BUTTONS_AT_MOST) clustered += 1;
        expect(found.length).toBeLessThanOrEqual(BUTTONS_AT_MOST);
        const members = found.flatMap((cluster) => cluster.members);
        expect(new Set(members).size).toBe(members.length);
        const inView =
          all.length <= BUTTONS_AT_MOST
            ? all
            : all.filter(({ x, y }) => x >= view.left && x <= view.right && y >= view.top && y <= view.bottom);
        const shown = new Set(members);
        expect(inView.filter((spot) => !shown.has(spot))).toEqual([]);
      }),
    );
    expect(clustered).toBeGreaterThan(10);
  });

  test('stay the same while the map is moved', () => {
    const all = Array.from({ length: 400 }, (_, i): Spot => ({
      key: `site-${i}`,
      x: 0.49 + (i % 20) / 10_000,
      y: 0.32 + Math.floor(i / 20) / 10_000,
    }));
    const pixels = 512 * 2 ** 11;
    const at = (left: number) =>
      clustersOf(all, { left, right: left + 1280 / pixels, top: 0.3199, bottom: 0.3199 + 620 / pixels, pixels });
    const [before, after] = [at(0.4899), at(0.4902)];
    const kept = new Map(before.map((cluster) => [cluster.key, cluster]));
    const inBoth = ({ x }: { readonly x: number }): boolean => x > 0.4902 && x < 0.4899 + 1280 / pixels;
    const both = after.filter((cluster) => kept.has(cluster.key) && inBoth(cluster));
    expect(both.length).toBe(after.filter(inBoth).length);
    expect(both.length).toBeGreaterThan(5);
    for (const cluster of both) expect(cluster).toEqual(kept.get(cluster.key));
  });

  test('no two buttons cover each other; a site that covers none is a button for itself', () => {
    fc.assert(
      fc.property(spots, views, (all, view) => {
        const found = clustersOf(all, view);
        const covers = (a: Spot, b: Spot): boolean =>
          Math.abs(a.x - b.x) * view.pixels < APART_PX.x && Math.abs(a.y - b.y) * view.pixels < APART_PX.y;
        for (const [i, a] of found.entries())
          for (const b of found.slice(i + 1)) expect(covers({ ...a }, { ...b })).toBe(false);
        if (all.length > BUTTONS_AT_MOST) return;
        for (const { members } of found.filter((cluster) => cluster.members.length > 1))
          for (const spot of members) expect(all.some((other) => other !== spot && covers(spot, other))).toBe(true);
      }),
    );
  });

  test('four hundred at one column are one', () => {
    const all = Array.from({ length: 400 }, (_, i): Spot => ({ key: `site-${i}`, x: 0.495, y: 0.325 }));
    const pixels = 512 * 2 ** 18;
    const found = clustersOf(all, {
      left: 0.495 - 600 / pixels,
      right: 0.495 + 600 / pixels,
      top: 0.325 - 300 / pixels,
      bottom: 0.325 + 300 / pixels,
      pixels,
    });
    expect(found.map(({ members }) => members.length)).toEqual([400]);
  });
});

test('a fit that is asked what it shows says the box that it was made for, and a little more', () => {
  fc.assert(
    fc.property(positions, positions, (a, b) => {
      const box = boxOf([a, b]);
      if (box === undefined) throw new Error('two places have a box');
      const size = { width: 300, height: 200 };
      const shown = boxShown(fit(box, { ...size, margin: 20 }), size);
      expect(shown.west).toBeLessThanOrEqual(box.west + 1e-9);
      expect(shown.east).toBeGreaterThanOrEqual(box.east - 1e-9);
      expect(shown.south).toBeLessThanOrEqual(Math.max(box.south, -84) + 1e-6);
    }),
  );
});
