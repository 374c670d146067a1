/**
 * The sub-bands of 863 to 870 MHz and the share of an hour for which one transmitter may send in each (ETSI EN 300
 * 220-2 V3.2.1, annex B, bands K, L, M, N, P, Q; the same in the UK by IR 2030). The limit is of each transmitter: how busy a
 * channel is with all of them may well be more, and is no breach.
 */
export interface SubBand {
  readonly name: string;
  /** Hz, inclusive. */
  readonly from: number;
  /** Hz, exclusive. */
  readonly to: number;
  /** Share of an hour, 0 to 1. */
  readonly dutyLimit: number;
}

export const subBands: readonly SubBand[] = [
  { name: 'K', from: 863_000_000, to: 865_000_000, dutyLimit: 0.001 },
  { name: 'L', from: 865_000_000, to: 868_000_000, dutyLimit: 0.01 },
  { name: 'M', from: 868_000_000, to: 868_600_000, dutyLimit: 0.01 },
  { name: 'N', from: 868_700_000, to: 869_200_000, dutyLimit: 0.001 },
  { name: 'P', from: 869_400_000, to: 869_650_000, dutyLimit: 0.1 },
  { name: 'Q', from: 869_700_000, to: 870_000_000, dutyLimit: 0.01 },
];

/** The sub-band of a frequency in Hz; undefined outside of all, such as in another region. */
export const subBandOf = (frequency: number): SubBand | undefined =>
  subBands.find(({ from, to }) => frequency >= from && frequency < to);
