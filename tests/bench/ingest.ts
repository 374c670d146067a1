import { environment } from './environment.ts';
import { judged, rowOf, type Cost, type Figures, type MingStep, type Row } from './figures.ts';
import { connectLoad, type Load } from './loader.ts';
import { measure, type Measured } from './measure.ts';
import { median, total } from './sums.ts';
import type { Run } from './orders.ts';
import type { Settings } from './settings.ts';
import type { Subject } from './subject.ts';
import { startKerbside, type Kerbside } from './subjects/kerbside.ts';
import { startMing } from './subjects/ming.ts';
import { startMosquittoAlone } from './subjects/mosquitto.ts';

/** How many messages per second a machine takes in: Kerbside, and beside it what it is compared with. */
export const benchIngest = async (settings: Settings, say: (progress: string) => void): Promise<Figures> => {
  const before = environment();
  const kerbside: Measured[] = [];
  const mosquitto: Measured[] = [];
  // Turn by turn, so that whatever else the machine does hits both alike.
  for (let round = 1; round <= settings.rounds; round += 1) {
    say(`round ${round} of ${settings.rounds}: Kerbside`);
    kerbside.push(await kerbsideRound(settings));
    say(`round ${round} of ${settings.rounds}: Mosquitto alone`);
    mosquitto.push(await mosquittoRound(settings));
  }
  const ming = await mingSteps(settings, say);
  const costs = await compareCosts(settings, say);
  return judged({
    environment: before,
    kerbside: rowOf(kerbside),
    mosquitto: rowOf(mosquitto),
    ming: ming.row,
    mingSteps: ming.steps,
    costs,
  });
};

/** A load for all devices of a stack; all of it, in order, is what `audit` checks. */
const connect = async (
  subject: Subject,
  window: number,
): Promise<{ readonly load: Load; readonly startMs: number }> => {
  const startMs = Date.now();
  return { load: await connectLoad({ port: subject.port, devices: [...subject.devices], startMs, window }), startMs };
};

const kerbsideRound = async ({ devices, window, warmMs, ms }: Settings): Promise<Measured> => {
  const subject = await startKerbside(devices);
  const { load, startMs } = await connect(subject, window);
  const measured = await warmed(subject, load, [{ ms: warmMs }, { ms }]);
  await load.stop();
  await subject.stop();
  // What is found in the files takes the place of what the server said of itself.
  const { stored, lost } = await subject.audit(startMs, measured.ackedOfDevice);
  return { ...measured, stored, lost };
};

/** A run to warm up, then the one that is timed; what was offered is counted over both. */
const warmed = async (subject: Subject, load: Load, [warm, run]: readonly [Pace, Pace]): Promise<Measured> => {
  const { offered } = await measure(subject, load, warm);
  const measured = await measure(subject, load, run);
  return { ...measured, offered: offered + measured.offered };
};
type Pace = Omit<Run, 'order'>;

const mosquittoRound = async ({ devices, window, warmMs, ms }: Settings): Promise<Measured> => {
  // QoS 0 towards the subscriber: less work for Mosquitto, so the harder comparison. TCP still loses nothing.
  const subject = await startMosquittoAlone(devices, 0);
  const { load } = await connect(subject, window);
  const measured = await warmed(subject, load, [{ ms: warmMs }, { ms }]);
  await load.stop();
  await subject.stop();
  return measured;
};

/** Far more than ever waits at a rate that is kept up with: here the pace is given, not the window. */
const PACED_WINDOW = 1000;

const mingSteps = async (
  { devices, mingRates, warmMs, ms }: Settings,
  say: (progress: string) => void,
): Promise<{ row: Row; steps: MingStep[] }> => {
  const steps: MingStep[] = [];
  let best: Row | undefined;
  for (const perSecond of mingRates) {
    const attempt = async (): Promise<Measured> => {
      say(`Mosquitto, Node-RED and InfluxDB at ${perSecond} messages/s`);
      const subject = await startMing(devices);
      const { load } = await connect(subject, PACED_WINDOW);
      const measured = await warmed(subject, load, [
        { ms: warmMs, perSecond: WARM_PER_SECOND },
        { ms, perSecond },
      ]);
      await load.stop();
      await subject.stop();
      const { acked, stored, lost } = measured;
      steps.push({ perSecond, acked, stored, lost });
      return measured;
    };
    let measured = await attempt();
    // One bad moment of the machine shall not decide it.
    if (measured.lost > 0) measured = await attempt();
    if (measured.lost > 0) break;
    // The rate that it was offered: however long the rest then waited in a queue, nothing of it was lost.
    best = { ...rowOf([measured]), rate: perSecond };
  }
  if (best === undefined) throw new Error(`Node-RED and InfluxDB lost messages even at ${mingRates[0]} messages/s`);
  return { row: best, steps };
};

/** Warm, and certainly not overrun. */
const WARM_PER_SECOND = 1000;

/** All numbers of devices stand at the same time and are measured turn by turn; idle ones cost next to nothing. */
const compareCosts = async (
  { costDevices, costPerSecond, costMs, rounds, warmMs }: Settings,
  say: (progress: string) => void,
): Promise<Cost[]> => {
  const stands: Stand[] = [];
  for (const devices of costDevices) {
    say(`${devices} devices connect`);
    const subject = await startKerbside(devices);
    stands.push({ devices, subject, ...(await connect(subject, PACED_WINDOW_OF_ONE)), rounds: [] });
  }
  const run = (ms: number): Pace => ({ ms, perSecond: costPerSecond });
  for (const { subject, load } of stands) await measure(subject, load, run(warmMs));
  for (let round = 1; round <= rounds; round += 1) {
    for (const stand of stands) {
      say(`cost, round ${round} of ${rounds}: ${stand.devices} devices`);
      stand.rounds.push(await measure(stand.subject, stand.load, run(costMs)));
    }
  }
  const costs: Cost[] = [];
  for (const stand of stands) costs.push(await costOf(stand, costPerSecond));
  return costs;
};

/** One device sends at most 50 messages/s here; this is more than a second of them. */
const PACED_WINDOW_OF_ONE = 64;

interface Stand {
  readonly devices: number;
  readonly subject: Kerbside;
  readonly load: Load;
  readonly startMs: number;
  readonly rounds: Measured[];
}

const costOf = async ({ devices, subject, load, startMs, rounds }: Stand, perSecond: number): Promise<Cost> => {
  await load.stop();
  await subject.stop();
  const acked = rounds.at(-1)?.ackedOfDevice ?? [];
  const middle = (of: (round: Measured) => number): number => median(rounds.map(of));
  return {
    devices,
    perSecond,
    // Milliseconds for a thousand are microseconds for one.
    cpuUsPerMessage: middle(({ cpuMsPer1000 }) => cpuMsPer1000),
    acked: total(acked),
    ...lostAndStored(await subject.audit(startMs, acked)),
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    rssMb: Math.max(...rounds.map(({ rssMb }) => rssMb)),
  };
};

const lostAndStored = ({
  stored,
  lost,
}: {
  readonly stored: number;
  readonly lost: number;
}): { stored: number; lost: number } => ({ stored, lost });
