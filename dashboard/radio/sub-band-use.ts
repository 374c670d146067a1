import type { Channel } from '../../infra/radio/contract.ts';
import { subBands, type SubBand } from '../../infra/radio/sub-bands.ts';

/** How busy a sub-band was at one gateway. */
export interface SubBandUse {
  readonly band: SubBand;
  /** Share of the time, 0 to 1, its channels together. */
  readonly airtimeShare: number;
}

/** The sub-bands in which a gateway heard anything, in order of frequency. @param channels of one gateway */
export const subBandUse = (channels: readonly Channel[]): readonly SubBandUse[] =>
  subBands.flatMap((band) => {
    const inside = channels.filter(({ frequency }) => frequency >= band.from && frequency < band.to);
    const [one] = inside;
    if (one === undefined) return [];
    const airtimeMs = inside.reduce((sum, channel) => sum + channel.airtimeMs, 0);
    const ms = Math.max(one.to - one.from, 60_000);
    return [{ band, airtimeShare: Number(Math.min(1, airtimeMs / ms).toFixed(6)) }];
  });
