import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { clockWords } from '../uk-time.ts';
import type { Overview } from './overview.ts';

/**
 * How things are, in the sentence that begins the first page: `41 of 44 sensors reporting, 2 alerts`. After a restart,
 * while of some sensors nothing can be said yet:
 * `Listening again since 01:26: 27 of 35 sensors heard so far, no alerts`.
 */
export const sentence = ({
  sensors,
  reporting,
  alerts,
  listening,
}: {
  readonly sensors: number;
  readonly reporting: number;
  readonly alerts: number;
  /** Set while there are sensors of which nothing can be said yet. */
  readonly listening?: { readonly since: Instant; readonly now: Instant } | undefined;
}): string => {
  if (sensors === 0) return 'No sensors are registered yet';
  const of = `${count(reporting)} of ${count(sensors)} ${sensors === 1 ? 'sensor' : 'sensors'}`;
  const heard =
    listening === undefined
      ? `${of} reporting`
      : `Listening again since ${clockWords(listening.since, listening.now)}: ${of} heard so far`;
  return `${heard}, ${alerts === 0 ? 'no' : count(alerts)} ${alerts === 1 ? 'alert' : 'alerts'}`;
};

/** The same of an overview. */
export const sentenceOf = ({ at, sensors, counts, firing, listeningSince }: Overview): string =>
  sentence({
    sensors: sensors.length,
    reporting: counts.ok,
    alerts: firing,
    listening: counts.listening === 0 ? undefined : { since: listeningSince, now: at },
  });

const count = (n: number): string => n.toLocaleString('en-GB');
