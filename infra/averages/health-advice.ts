import type { Config } from '../config/schema.ts';
import { bands, type Band } from './daqi.ts';

/** What people are told about the air of a band. */
export interface HealthAdvice {
  /** For everybody. */
  readonly general: string;
  /** For adults and children with lung or heart conditions; of high bands for older people too. */
  readonly atRisk: string;
}

/** Where the words are from; they are quoted, so they are dated. */
export const adviceSource = {
  published: '2025-12-19',
  source: 'UK Government, "Health advice for the Daily Air Quality Index", as DEFRA/aqie-front-end has it; OGL v3',
} as const;

const highAdvice: HealthAdvice = {
  general: "Try to reduce your exposure to air pollution, especially if you're experiencing symptoms.",
  atRisk:
    'You should adapt physically demanding activities outdoors, especially if your symptoms get worse. Follow your agreed management plan if you have one.',
};

/**
 * The current health advice, its first sentences. The older wording (COMEAP, 2011: "Enjoy your usual outdoor
 * activities.") is still on many pages; the two are never mixed.
 */
export const healthAdvice: Readonly<Record<Band, HealthAdvice>> = {
  Low: {
    general:
      'For most people, short term exposure to low levels of air pollution is not an issue. Continue your usual outdoor activities.',
    atRisk:
      "Follow your doctor or nurse's usual advice about physically demanding activities and managing your condition.",
  },
  Moderate: {
    general:
      'For most people, short term exposure to moderate levels of air pollution is not an issue. ' +
      'Continue your usual outdoor activities. However, if you are experiencing symptoms, ' +
      'try to reduce your exposure to air pollution.',
    atRisk:
      'Try to adapt physically demanding activities outdoors, especially if your symptoms get worse. Follow your agreed management plan if you have one.',
  },
  High: highAdvice,
  'Very High': highAdvice,
};

/** What an installation tells people about the air, and whose words these are. */
export interface Advice {
  readonly words: Readonly<Record<Band, HealthAdvice>>;
  readonly source: string;
  /** A date, `2025-12-19`; empty where the words are an installation's own and it gives none. */
  readonly published: string;
}

const keys = {
  Low: ['low', 'lowAtRisk'],
  Moderate: ['moderate', 'moderateAtRisk'],
  High: ['high', 'highAtRisk'],
  'Very High': ['veryHigh', 'veryHighAtRisk'],
} as const satisfies Record<Band, readonly [string, string]>;

/**
 * The words in force: the published ones, unless the configuration has others; then their source is what it says, because no
 * words of an installation may be taken for the government's.
 */
export const adviceIn = ({ healthAdvice: own }: Pick<Config, 'healthAdvice'>): Advice => {
  const changed = bands.some((band) => keys[band].some((key) => own[key] !== undefined));
  const of = (band: Band): HealthAdvice => {
    const [general, atRisk] = keys[band];
    return { general: own[general] ?? healthAdvice[band].general, atRisk: own[atRisk] ?? healthAdvice[band].atRisk };
  };
  return {
    words: { Low: of('Low'), Moderate: of('Moderate'), High: of('High'), 'Very High': of('Very High') },
    source: own.source ?? (changed ? 'Words of this installation' : adviceSource.source),
    published: own.published ?? (changed ? '' : adviceSource.published),
  };
};
