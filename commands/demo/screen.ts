import { greeting, sensorCount, type Greeting } from './greeting.ts';
import type { RunningAir } from './lorawan/run.ts';
import type { RunningStreet } from './run.ts';

/** Where the demo says what it does. */
export interface Screen {
  greet(words: Greeting): void;
  /** Follows the street network and its LoRaWAN sensors; answers how to end it. */
  follow(street: RunningStreet, air: Pick<RunningAir, 'tally'>): () => void;
}

/** How often a terminal's line changes: often enough to see that it lives. */
const EVERY_MS = 1000;

const number = (value: number): string => value.toLocaleString('en-GB');
const clock = (): string => new Date().toLocaleTimeString('en-GB');

/** For people. On a terminal its last line lives; elsewhere, in a log file, one line says when the past is told. */
export const textScreen = (out: NodeJS.WriteStream): Screen => {
  const erase = out.isTTY ? '\r\u001B[2K' : '';
  return {
    greet: (words) => out.write(greeting(words)),
    follow: (street, air) => {
      void whenCaughtUp(street, () => {
        const { readings, acknowledged } = street.tally;
        out.write(
          `${erase}  ${clock()}  the past is told: ${number(readings)} readings in ${number(acknowledged)} messages; from here on it is live\n`,
        );
      });
      const timer = out.isTTY
        ? setInterval(() => out.write(`${erase}  ${statusLine(street, air)}`), EVERY_MS)
        : undefined;
      return () => {
        clearInterval(timer);
        out.write(erase);
      };
    },
  };
};

/** For scripts: a line of JSON that says where everything is, and another when the past is told. */
export const jsonScreen = (out: NodeJS.WriteStream): Screen => ({
  greet: (words) => out.write(`${JSON.stringify({ ...words, sensors: sensorCount })}\n`),
  follow: (street) => {
    void whenCaughtUp(street, () =>
      out.write(
        `${JSON.stringify({ caughtUp: true, readings: street.tally.readings, messages: street.tally.acknowledged })}\n`,
      ),
    );
    return () => undefined;
  },
});

const whenCaughtUp = async (street: RunningStreet, say: () => void): Promise<void> => {
  await street.caughtUp;
  // Stopped before the end, there is nothing to be told.
  if (street.catchingUp() === 0) say();
};

/** `15:24:19  live: 4,812 messages acknowledged, 96 sent twice, 7 garbled; 204 LoRaWAN frames heard`. */
const statusLine = (
  { tally, catchingUp }: Pick<RunningStreet, 'tally' | 'catchingUp'>,
  { tally: { heard } }: Pick<RunningAir, 'tally'>,
): string => {
  const frames = Object.values(heard).reduce((sum, one) => sum + one, 0);
  const played = (fault: 'duplicate' | 'garbled'): string => number(tally.plays.get(fault) ?? 0);
  const behind = catchingUp();
  const doing = behind === 0 ? 'live' : `the past, ${behind} sensors to go`;
  const trouble = tally.retried === 0 ? '' : `, ${number(tally.retried)} sent again after a failure`;
  return (
    `${clock()}  ${doing}: ${number(tally.acknowledged)} messages acknowledged, ${played('duplicate')} sent twice, ` +
    `${played('garbled')} garbled${trouble}; ${number(frames)} LoRaWAN frames heard`
  );
};
