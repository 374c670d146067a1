/** PMTiles archives of one tile, for tests: bytes as the specification of version 3 lays them out. */

/** Vectors, or pictures. */
export type Kind = 'mvt' | 'png';

const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);
const field = (id: number, bytes: readonly number[]): number[] => [
  ...varint((id << 3) | 2),
  ...varint(bytes.length),
  ...bytes,
];
const number = (id: number, n: number): number[] => [...varint(id << 3), ...varint(n)];
const zigzag = (n: number): number => (n << 1) ^ (n >> 31);

/** A Mapbox vector tile with one layer `water` that fills the middle of the tile. */
export const waterTile = (): Uint8Array => {
  const [move, line, close] = [(1 << 3) | 1, (3 << 3) | 2, (1 << 3) | 7];
  const geometry = [
    move,
    zigzag(400),
    zigzag(400),
    line,
    zigzag(3000),
    0,
    0,
    zigzag(3000),
    zigzag(-3000),
    0,
    close,
  ].flatMap(varint);
  const one = [...number(3, 3), ...field(4, geometry)];
  const layer = [...field(1, [...Buffer.from('water')]), ...field(2, one), ...number(5, 4096), ...number(15, 2)];
  return Uint8Array.from(field(3, layer));
};

/** An archive whose one tile is the whole world. */
export const archiveOf = (kind: Kind, tile: Uint8Array): Buffer => {
  const metadata = Buffer.from(JSON.stringify(kind === 'mvt' ? { vector_layers: [{ id: 'water', fields: {} }] } : {}));
  // One entry: id 0, one tile in a row, its length, its offset plus one.
  const directory = Buffer.from([1, 0, 1, ...varint(tile.length), 1]);
  const header = Buffer.alloc(127);
  header.write('PMTiles', 'latin1');
  header[7] = 3;
  const long = (at: number, value: number): void => void header.writeBigUInt64LE(BigInt(value), at);
  const [dirAt, metaAt] = [127, 127 + directory.length];
  const tilesAt = metaAt + metadata.length;
  for (const [at, value] of [
    [8, dirAt],
    [16, directory.length],
    [24, metaAt],
    [32, metadata.length],
    [40, tilesAt],
    [48, 0],
    [56, tilesAt],
    [64, tile.length],
    [72, 1],
    [80, 1],
    [88, 1],
  ] as const)
    long(at, value);
  header[96] = 1;
  // Nothing is compressed.
  header[97] = 1;
  header[98] = 1;
  header[99] = kind === 'mvt' ? 1 : 2;
  header[100] = 0;
  header[101] = 0;
  for (const [at, degrees] of [
    [102, -180],
    [106, -85],
    [110, 180],
    [114, 85],
    [119, 0],
    [123, 0],
  ] as const)
    header.writeInt32LE(degrees * 1e7, at);
  return Buffer.concat([header, directory, metadata, tile]);
};
