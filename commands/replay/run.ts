import type { Clock, DeviceId, Instant } from '../../device-profiles/vocabulary/index.ts';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { MqttDevice } from '../senders/mqtt-device.ts';
import { isSkipped, type Translator } from './message.ts';
import { paceOf, shiftToNow, type Speed } from './pace.ts';
import type { Progress } from './progress.ts';
import { openSkips, type Report } from './report.ts';
import type { Table } from './rows.ts';
import { openWindow } from './window.ts';

/** Messages on the way to the server at once: they share its commits; beyond this it only costs memory. */
const IN_FLIGHT = 512;

/** What a replay stands on. */
export interface Replay {
  readonly table: Table;
  readonly translator: Translator;
  readonly devices: ReadonlyMap<DeviceId, MqttDevice>;
  readonly speed: Speed;
  readonly shift: boolean;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Ends it early; what was sent is still counted. */
  readonly signal: AbortSignal;
}

/**
 * Streams the rows to the server. @throws what the doors throw; Invalid (`csv-without-times`) when there is nothing
 * to shift.
 */
export const replay = async ({
  table,
  translator,
  devices,
  speed,
  shift,
  clock,
  progress,
  signal,
}: Replay): Promise<
  Pick<Report, 'rows' | 'sent' | 'acknowledged' | 'skipped' | 'shiftMs' | 'seconds' | 'complete'>
> => {
  const began = performance.now();
  const shiftMs = shift ? shiftToNow(await timesOf(table, translator), speed, clock.now()) : 0;
  const due = paceOf(speed, clock);
  const skips = openSkips();
  const window = openWindow(IN_FLIGHT);
  let [rows, sent, acknowledged, bytes] = [0, 0, 0, 0];
  const broken = ({ line, problem }: { readonly line: number; readonly problem: string }): void => {
    rows += 1;
    skips.add('broken-csv', line, problem);
  };
  try {
    for await (const row of table.rows(broken)) {
      if (signal.aborted) break;
      const said = translator.translate(row, shiftMs);
      if (!isSkipped(said)) {
        for (const { device, time, body } of said) {
          await due(time, signal);
          if (signal.aborted) break;
          const speaker = devices.get(device);
          if (speaker === undefined) throw new Invalid('device-unknown', `${device} is not signed in`);
          sent += 1;
          await window.add(async () => {
            await speaker.send(body);
            acknowledged += 1;
          });
        }
      }
      if (signal.aborted) break;
      rows += 1;
      bytes = row.bytes;
      if (isSkipped(said)) skips.add(said.reason, row.line, said.detail);
      progress.update(bytes, rows);
    }
    await window.drain();
  } finally {
    progress.end();
  }
  return {
    rows,
    sent,
    acknowledged,
    skipped: skips.list(),
    shiftMs,
    seconds: (performance.now() - began) / 1000,
    complete: !signal.aborted,
  };
};

/** The oldest and newest time in the file: it is read once more for this, which is cheaper than to keep it. */
const timesOf = async (table: Table, translator: Translator): Promise<{ oldest: Instant; newest: Instant }> => {
  let times: { oldest: Instant; newest: Instant } | undefined;
  for await (const row of table.rows(() => undefined)) {
    const time = translator.timeOf(row);
    if (time === undefined) continue;
    if (times === undefined) times = { oldest: time, newest: time };
    else if (time < times.oldest) times = { ...times, oldest: time };
    else if (time > times.newest) times = { ...times, newest: time };
  }
  if (times === undefined)
    throw new Invalid(
      'csv-without-times',
      'no row of the file has a time that can be read as the map says: there is nothing to shift',
    );
  return times;
};
