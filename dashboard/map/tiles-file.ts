import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';

/** A PMTiles archive on our disk: one file with all tiles of a map, of which browsers ask for ranges of bytes. */
export interface TilesFile {
  readonly path: string;
  /** What a tile is: `mvt` are vectors, the others pictures. */
  readonly tiles: 'mvt' | 'picture';
}

/** PMTiles, version 3: seven letters, the version, and at byte 99 what the tiles are (spec, "Header"). */
const HEADER_BYTES = 127;
const TILE_TYPE_AT = 99;
const MVT = 1;
const PICTURES_FROM = 2;
const PICTURES_TO = 5;

/** @throws Invalid (`map-tiles-invalid`) when the file is not there or is no such archive */
export const openTilesFile = async (path: string): Promise<TilesFile> => {
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    const file = await open(path);
    try {
      await file.read(header, 0, HEADER_BYTES, 0);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new Invalid(
      'map-tiles-invalid',
      `map.tiles: ${path} cannot be read: put the file there, or name the one that is`,
      { cause },
    );
  }
  if (header.toString('latin1', 0, 7) !== 'PMTiles' || header[7] !== 3)
    throw new Invalid(
      'map-tiles-invalid',
      `map.tiles: ${path} is no PMTiles archive of version 3: make one with "pmtiles convert" or "pmtiles extract"`,
    );
  const type = header[TILE_TYPE_AT] ?? 0;
  if (type === MVT) return { path, tiles: 'mvt' };
  if (type >= PICTURES_FROM && type <= PICTURES_TO) return { path, tiles: 'picture' };
  throw new Invalid(
    'map-tiles-invalid',
    `map.tiles: ${path} has tiles of the type ${type}: MVT, PNG, JPEG, WebP and AVIF are drawn`,
  );
};

/** Bytes from the first to the last, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * What a `Range` header asks of a file of that size (RFC 9110, 14.1.2): one range of bytes, cut to what is there.
 * `whole` where there is no header or one that asks for something else, which may be passed over; `none` where nothing
 * of it is there.
 */
export const rangeOf = (header: string | undefined, size: number): Range | 'whole' | 'none' => {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return 'whole';
  if (from === '')
    return Number(to) === 0 || size === 0 ? 'none' : { first: Math.max(0, size - Number(to)), last: size - 1 };
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return 'whole';
  return first >= size ? 'none' : { first, last };
};

/** Sends the file, or the range of it that was asked for. Its name in the `ETag` changes with it, which readers look at. */
export const sendTiles = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { path }: TilesFile,
): Promise<FastifyReply> => {
  const { size, mtimeMs } = await stat(path);
  void reply
    .header('Accept-Ranges', 'bytes')
    .header('Cache-Control', 'private, max-age=3600')
    .header('ETag', `"${size}-${Math.floor(mtimeMs)}"`)
    .type('application/octet-stream');
  const range = rangeOf(request.headers.range, size);
  if (range === 'none') return reply.status(416).header('Content-Range', `bytes */${size}`).send('');
  if (range === 'whole') return reply.header('Content-Length', size).send(createReadStream(path));
  const { first, last } = range;
  return reply
    .status(206)
    .header('Content-Range', `bytes ${first}-${last}/${size}`)
    .header('Content-Length', last - first + 1)
    .send(createReadStream(path, { start: first, end: last }));
};
