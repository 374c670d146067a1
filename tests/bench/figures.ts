import type { Environment } from './environment.ts';
import { median } from './sums.ts';
import type { Measured } from './measure.ts';

/** One stack's row: medians of the rounds, except where it says otherwise. */
export interface Row {
  /** Messages per second, acknowledged and stored, the draining of the backlog included. */
  readonly rate: number;
  /** Of all rounds together, as the next three. */
  readonly offered: number;
  readonly acked: number;
  /** Found in the store afterwards; for Mosquitto alone, delivered to its subscriber. */
  readonly stored: number;
  readonly lost: number;
  /** Of the acknowledgement. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The highest of all rounds: MB of 10^6 bytes, all processes of the stack. */
  readonly rssMb: number;
  readonly cpuMsPer1000: number;
  readonly loadCores: number;
  /** The rate of each round. */
  readonly rounds: readonly number[];
}

/** Kerbside at one number of devices, paced. */
export interface Cost {
  readonly devices: number;
  readonly perSecond: number;
  /** Microseconds of processor time. */
  readonly cpuUsPerMessage: number;
  readonly acked: number;
  readonly stored: number;
  readonly lost: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
}

/** A rate at which Node-RED and InfluxDB were tried. */
export interface MingStep {
  readonly perSecond: number;
  readonly acked: number;
  readonly stored: number;
  readonly lost: number;
}

/** What `bench -- ingest --json` prints. */
export interface Figures {
  readonly environment: Environment;
  readonly kerbside: Row;
  readonly mosquitto: Row;
  readonly ming: Row;
  readonly mingSteps: readonly MingStep[];
  readonly costs: readonly Cost[];
  readonly ratios: { readonly vsMosquitto: number; readonly vsMing: number; readonly costGrowth: number };
  readonly verdicts: readonly Verdict[];
}

/** A figure beside its target. */
export interface Verdict {
  readonly what: string;
  readonly figure: number;
  readonly target: string;
  readonly met: boolean;
}

/** The rounds of one stack as its row. */
export const rowOf = (rounds: readonly Measured[]): Row => {
  const middle = (of: (round: Measured) => number): number => median(rounds.map(of));
  const sum = (of: (round: Measured) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  return {
    rate: middle(({ rate }) => rate),
    offered: sum(({ offered }) => offered),
    acked: sum(({ acked }) => acked),
    stored: sum(({ stored }) => stored),
    lost: sum(({ lost }) => lost),
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    rssMb: Math.max(...rounds.map(({ rssMb }) => rssMb)),
    cpuMsPer1000: middle(({ cpuMsPer1000 }) => cpuMsPer1000),
    loadCores: middle(({ loadCores }) => loadCores),
    rounds: rounds.map(({ rate }) => rate),
  };
};

/** Ratios and verdicts of what was measured. */
export const judged = (measured: Omit<Figures, 'ratios' | 'verdicts'>): Figures => {
  const { kerbside, mosquitto, ming, costs } = measured;
  const fewest = costs[0]?.cpuUsPerMessage ?? Number.NaN;
  const most = costs.at(-1)?.cpuUsPerMessage ?? Number.NaN;
  const ratios = {
    vsMosquitto: kerbside.rate / mosquitto.rate,
    vsMing: kerbside.rate / ming.rate,
    costGrowth: most / fewest,
  };
  const lost = kerbside.lost + costs.reduce((sum, cost) => sum + cost.lost, 0);
  const rssMb = costs.at(-1)?.rssMb ?? Number.NaN;
  const acked = kerbside.acked + costs.reduce((sum, cost) => sum + cost.acked, 0);
  return {
    ...measured,
    ratios,
    verdicts: [
      {
        what: 'rate against Mosquitto alone',
        figure: ratios.vsMosquitto,
        target: '>= 0.5',
        met: ratios.vsMosquitto >= 0.5,
      },
      {
        what: 'rate against Mosquitto, Node-RED and InfluxDB',
        figure: ratios.vsMing,
        target: '>= 5',
        met: ratios.vsMing >= 5,
      },
      { what: `lost, of ${acked} acknowledged`, figure: lost, target: '= 0', met: lost === 0 && acked > 0 },
      {
        what: `cost of a message, ${costs.at(-1)?.devices} devices over ${costs[0]?.devices}`,
        figure: ratios.costGrowth,
        target: '<= 1.25',
        met: ratios.costGrowth <= 1.25,
      },
      { what: 'peak memory in MB, flat out', figure: kerbside.rssMb, target: '<= 300', met: kerbside.rssMb <= 300 },
      {
        what: `peak memory in MB, ${costs.at(-1)?.devices} connections`,
        figure: rssMb,
        target: '<= 300',
        met: rssMb <= 300,
      },
    ],
  };
};
