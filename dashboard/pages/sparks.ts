import {
  instant,
  quantityOf,
  Unavailable,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { PlaceNow } from '../now/overview.ts';
import { historyOf, type History } from './history.ts';
import { measuredAt } from './rows.ts';
import type { PageParts } from './page.ts';
import type { Words } from '../words/index.ts';
import { HEIGHT, sparkline, trendWords, WIDTH } from './sparkline.ts';
import { shortName, unitWords } from './words.ts';

/** The last 24 hours of one quantity of a place as a line in a list. */
export interface Spark {
  readonly name: string;
  /** What it shows, in words. */
  readonly words: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
}

/** Lines of places, each drawn anew at most so often: it is made of hours, and the newest value stands beside it. */
const KEPT_MS = 5 * 60_000;
/** Lines kept, of about 500 bytes each. */
const KEPT_AT_MOST = 2_000;
const HOUR_MS = 3_600_000;
const HOURS = 24;

interface Stream {
  readonly device: DeviceId;
  readonly site: SiteId | undefined;
  readonly quantity: QuantityId;
}

/** Draws the lines of a page of places. */
export interface Sparks {
  /** A place of which nothing was measured has none. While the store does not answer, those that were drawn before. */
  of(places: readonly PlaceNow[], now: Instant, words: Words): Promise<ReadonlyMap<PlaceNow, Spark>>;
}

/** Keeps the lines that were drawn. */
export const openSparks = (parts: Pick<PageParts, 'timeseries' | 'registry' | 'catalogue'>): Sparks => {
  const kept = new Map<string, { readonly spark: Spark | undefined; readonly until: Instant }>();
  const keep = (key: string, spark: Spark | undefined, until: Instant): void => {
    kept.delete(key);
    kept.set(key, { spark, until });
    const [oldest] = kept.keys();
    if (kept.size > KEPT_AT_MOST && oldest !== undefined) kept.delete(oldest);
  };
  return {
    async of(places, now, words) {
      const streams = places.flatMap((place) => {
        const stream = streamOf(place);
        return stream === undefined ? [] : [{ place, stream, key: keyOf(stream, words) }];
      });
      const due = streams.filter(({ key }) => (kept.get(key)?.until ?? -Infinity) <= now);
      try {
        for (const { key, spark } of await read(due, { now, words }, parts)) keep(key, spark, instant(now + KEPT_MS));
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
      }
      return new Map(
        streams.flatMap(({ place, key }) => {
          const spark = kept.get(key)?.spark;
          return spark === undefined ? [] : [[place, spark] as const];
        }),
      );
    },
  };
};

const keyOf = ({ device, site, quantity }: Stream, { language }: Words): string =>
  `${language} ${device} ${site ?? ''} ${quantity}`;

/** What a place is known by: of what its sensors measure, not of themselves, what a list names first. */
const streamOf = (place: PlaceNow): Stream | undefined => {
  const first = measuredAt(place).find(({ value }) => value.kind === 'measured');
  return first === undefined ? undefined : { device: first.device, site: place.site?.id, quantity: first.quantity };
};

/** All at once for each quantity: a page is a few questions, not a hundred. */
const read = async (
  streams: readonly { readonly stream: Stream; readonly key: string }[],
  { now, words }: { readonly now: Instant; readonly words: Words },
  parts: Pick<PageParts, 'timeseries' | 'registry' | 'catalogue'>,
): Promise<readonly { readonly key: string; readonly spark: Spark | undefined }[]> => {
  const to = instant((Math.floor(now / HOUR_MS) + 1) * HOUR_MS);
  const range = { from: instant(to - HOURS * HOUR_MS), to, everyMs: HOUR_MS };
  const found: { readonly key: string; readonly spark: Spark | undefined }[] = [];
  for (const [quantity, own] of Map.groupBy(streams, ({ stream }) => stream.quantity)) {
    const histories = await historyOf(
      parts,
      { devices: own.map(({ stream }) => stream.device), quantities: [quantity], brief: true },
      range,
    );
    const byDevice = new Map(histories.map((history) => [history.device, history]));
    for (const { stream, key } of own) found.push({ key, spark: sparkOf(byDevice.get(stream.device), range, words) });
  }
  return found;
};

const sparkOf = (
  history: History | undefined,
  { from, to, everyMs }: { readonly from: Instant; readonly to: Instant; readonly everyMs: number },
  words: Words,
): Spark | undefined => {
  if (history === undefined) return undefined;
  const { quantity, points } = history;
  const counted = quantityOf(quantity).kind === 'interval';
  const drawn = counted ? points.filter(({ time }) => time + everyMs < to) : points;
  const line = sparkline(drawn, { from, to, everyMs: history.everyMs });
  if (line === undefined) return undefined;
  const name = shortName(quantity);
  return {
    name,
    words: words.say('front.spark', {
      name,
      trend: trendWords(drawn, { quantity, unit: unitWords(quantity), span: '24h' }, words),
    }),
    path: line.path,
    width: WIDTH,
    height: HEIGHT,
  };
};
