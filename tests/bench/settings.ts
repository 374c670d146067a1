/** How long and how often a benchmark measures. */
export interface Settings {
  /** Rounds of which the median is taken: the machine is never quite quiet. */
  readonly rounds: number;
  readonly warmMs: number;
  readonly ms: number;
  /** Devices in the comparison of the stacks, and messages of one that wait for their acknowledgement at most. */
  readonly devices: number;
  readonly window: number;
  /** Rates at which Node-RED and InfluxDB are tried, rising until something is lost. */
  readonly mingRates: readonly number[];
  readonly costDevices: readonly number[];
  /** Messages per second in the comparison of costs: well below what Kerbside can do, the same for each. */
  readonly costPerSecond: number;
  readonly costMs: number;
}

export const FULL: Settings = {
  rounds: 3,
  warmMs: 3000,
  ms: 8000,
  devices: 100,
  // Mosquitto's own default for messages in flight; 2,000 in all keep every stack busy.
  window: 20,
  mingRates: [1000, 2000, 3000, 4000, 5000, 6000, 8000, 10_000],
  costDevices: [100, 1000, 10_000],
  costPerSecond: 5000,
  costMs: 6000,
};

/** For a look while working: one short round, too noisy to quote. */
export const QUICK: Settings = {
  ...FULL,
  rounds: 1,
  warmMs: 1500,
  ms: 3000,
  mingRates: [1000, 2000, 3000, 4000, 6000],
  costMs: 3000,
};
