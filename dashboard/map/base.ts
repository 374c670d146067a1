import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { Config } from '../../infra/config/schema.ts';
import { boundariesFrom, type Boundary } from './boundaries.ts';
import { openTilesFile, type TilesFile } from './tiles-file.ts';

/** What lies under the sites. */
export type Ground =
  /** A MapLibre style of somebody else's server. */
  | { readonly kind: 'style'; readonly url: string }
  /** Pictures of somebody else's server, by `{z}`, `{x}` and `{y}`. */
  | { readonly kind: 'pictures'; readonly url: string }
  /** An archive on our own disk. */
  | { readonly kind: 'tiles'; readonly file: TilesFile }
  /** Boundaries if there are any, and lines of longitude and latitude. */
  | { readonly kind: 'plain' };

/** What maps are drawn on, as it is configured; read once. */
export interface MapBase {
  readonly ground: Ground;
  /** Where browsers may load the ground from, beside ourselves: `https://tile.example.org`. */
  readonly origin: string | undefined;
  /** Whose map it is. */
  readonly attribution: string;
  readonly boundaries: readonly Boundary[];
}

/**
 * Reads what `map.*` names; files are looked for in the data folder.
 * @throws Invalid (`map-boundaries-invalid`, `map-tiles-invalid`) when a file is not there or is not what it should be
 */
export const openMapBase = async ({ map, data, area }: Pick<Config, 'map' | 'data' | 'area'>): Promise<MapBase> => {
  const inData = (name: string): string => resolve(data.dir, name);
  const boundaries = map.boundaries === undefined ? [] : await readBoundaries(inData(map.boundaries), area);
  const ground = await groundOf(map, inData);
  return {
    ground,
    origin: 'url' in ground ? new URL(ground.url.replaceAll(/[{}]/g, '')).origin : undefined,
    attribution: map.attribution,
    boundaries,
  };
};

const groundOf = async ({ url, tiles }: Config['map'], inData: (name: string) => string): Promise<Ground> => {
  if (url !== undefined) return url.includes('{z}') ? { kind: 'pictures', url } : { kind: 'style', url };
  return tiles === undefined ? { kind: 'plain' } : { kind: 'tiles', file: await openTilesFile(inData(tiles)) };
};

const readBoundaries = async (path: string, area: Config['area']): Promise<readonly Boundary[]> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Invalid(
      'map-boundaries-invalid',
      `map.boundaries: ${path} cannot be read: put the file there, or name the one that is`,
      { cause },
    );
  }
  try {
    return boundariesFrom(text, area);
  } catch (error) {
    if (error instanceof Invalid)
      throw new Invalid('map-boundaries-invalid', `map.boundaries: ${path}: ${error.message}`, { cause: error });
    throw error;
  }
};
