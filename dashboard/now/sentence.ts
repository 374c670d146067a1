import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { clockWords } from '../uk-time.ts';
import { englishWords, type Words } from '../words/index.ts';
import type { Overview } from './overview.ts';

interface Figures {
  readonly sensors: number;
  readonly reporting: number;
  readonly alerts: number;
  /** Set while there are sensors of which nothing can be said yet. */
  readonly listening?: { readonly since: Instant; readonly now: Instant } | undefined;
}

/**
 * How things are, in the sentence that begins the first page: `41 of 44 sensors reporting, 2 alerts`. After a restart,
 * while of some sensors nothing can be said yet:
 * `Listening again since 01:26: 27 of 35 sensors heard so far, no alerts`.
 */
export const sentence = (figures: Figures, words: Words): string => {
  const { sensors, reporting, alerts, listening } = figures;
  if (sensors === 0) return words.say('sentence.none');
  const key = listening === undefined ? 'sentence.reporting' : 'sentence.listening';
  // A sentence is of one language.
  if (!words.has(key)) return sentence(figures, englishWords);
  return words.say(key, {
    count: sensors,
    sensors,
    reporting,
    alerts: alerts === 0 ? words.say('sentence.no-alerts') : words.say('sentence.alerts', { count: alerts }),
    ...(listening === undefined ? {} : { since: clockWords(listening.since, listening.now) }),
  });
};

/** The same of an overview. */
export const sentenceOf = (overview: Overview, words: Words): string => sentence(figuresOf(overview), words);

/** The `lang` attribute of that sentence. */
export const sentenceLang = (overview: Overview, words: Words): string => {
  const { sensors, listening } = figuresOf(overview);
  return words.langOf(
    sensors === 0 ? 'sentence.none' : listening === undefined ? 'sentence.reporting' : 'sentence.listening',
  );
};

const figuresOf = ({ at, sensors, counts, firing, listeningSince }: Overview): Figures => ({
  sensors: sensors.length,
  reporting: counts.ok,
  alerts: firing,
  listening: counts.listening === 0 ? undefined : { since: listeningSince, now: at },
});
