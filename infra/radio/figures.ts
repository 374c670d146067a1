import type { GatewayDay } from './contract.ts';

/** What a gateway did on a day, or over several: of all connectors, each frame once. */
export interface GatewayFigures {
  readonly received: number | undefined;
  readonly receivedOk: number | undefined;
  readonly forwarded: number | undefined;
  readonly downlinks: number | undefined;
  readonly emitted: number | undefined;
  /** Single frames that were told, and those of them whose checksum was wrong; undefined where none were told. */
  readonly frames: number | undefined;
  readonly framesBad: number | undefined;
  readonly uplinks: number;
  /** Share of the frames received whose checksum was right, 0 to 1: by its statistics, else by the frames told. */
  readonly crcOkShare: number | undefined;
}

/**
 * One day of one gateway. Two connectors that tell its statistics, or its frames, tell the same: the one that told more
 * counts. An uplink comes in once, by whichever connector, so that these add up.
 */
export const figuresOfDay = (days: readonly GatewayDay[]): GatewayFigures => {
  const stats = most(days, ({ received }) => received ?? -1);
  const told = most(days, ({ frames }) => frames);
  return withShare({
    received: stats?.received,
    receivedOk: stats?.receivedOk,
    forwarded: stats?.forwarded,
    downlinks: stats?.downlinks,
    emitted: stats?.emitted,
    frames: told === undefined || told.frames === 0 ? undefined : told.frames,
    framesBad: told === undefined || told.frames === 0 ? undefined : told.framesBad,
    uplinks: days.reduce((sum, { uplinks }) => sum + uplinks, 0),
  });
};

/** The days of one gateway, each with its figures, in order. */
export const figuresByDay = (
  days: readonly GatewayDay[],
): readonly { readonly day: number; readonly figures: GatewayFigures }[] =>
  [...Map.groupBy(days, ({ day }) => day)]
    .sort(([a], [b]) => a - b)
    .map(([day, of]) => ({ day, figures: figuresOfDay(of) }));

type Sums = Omit<GatewayFigures, 'crcOkShare'>;

const withShare = (sums: Sums): GatewayFigures => ({ ...sums, crcOkShare: shareOf(sums) });

const shareOf = ({ received, receivedOk, frames, framesBad }: Sums): number | undefined => {
  if (received !== undefined && received > 0 && receivedOk !== undefined) return Math.min(1, receivedOk / received);
  return frames === undefined ? undefined : (frames - (framesBad ?? 0)) / frames;
};

const most = (days: readonly GatewayDay[], of: (day: GatewayDay) => number): GatewayDay | undefined =>
  days.reduce<GatewayDay | undefined>(
    (best, day) => (best === undefined || of(day) > of(best) ? day : best),
    undefined,
  );
