import { setTimeout as sleep } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import type { Static } from 'typebox';
import type { RunOut } from '../../dashboard/api/reprocess.ts';
import { Unavailable } from '../../device-profiles/vocabulary/index.ts';

type Run = Static<typeof RunOut>;

const LOOK_EVERY_MS = 500;
/** A server that is started anew is away for so long at most before whoever follows gives up. */
const AWAY_AT_MOST_MS = 60_000;
/** As shells say it: ended by Ctrl-C. */
const INTERRUPTED = 130;

/**
 * Looks until a run is over, with a bar on a terminal. Ctrl-C ends the looking, not the run.
 * @throws Unavailable (`server-unreachable`) when the server stays away.
 */
export const followRun = async (run: Run, look: () => Promise<Run>, out: NodeJS.WriteStream): Promise<Run> => {
  const bar = out.isTTY
    ? new SingleBar(
        { stream: out, format: '  {state} {bar} {percentage} %  {devices} of {all} devices', hideCursor: true },
        Presets.shades_classic,
      )
    : undefined;
  const leave = (): void => {
    bar?.stop();
    out.write(
      `Run ${run.id} goes on: "npx kerbside reprocess show ${run.id}" says how far it is, "npx kerbside reprocess cancel ${run.id}" calls it off\n`,
    );
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', leave);
  bar?.start(100, 0, wordsOf(run));
  try {
    let now = run;
    for (let away = 0; now.endedAt === null;) {
      await sleep(LOOK_EVERY_MS);
      try {
        now = await look();
        away = 0;
      } catch (error) {
        if (!(error instanceof Unavailable) || (away += LOOK_EVERY_MS) > AWAY_AT_MOST_MS) throw error;
      }
      bar?.update(Math.round(now.progress * 100), wordsOf(now));
    }
    return now;
  } finally {
    bar?.stop();
    process.removeListener('SIGINT', leave);
  }
};

const wordsOf = ({ state, result: { devicesDone, devices } }: Run) => ({
  state: state.padEnd(7),
  devices: devicesDone,
  all: devices,
});
