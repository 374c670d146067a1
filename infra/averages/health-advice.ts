import type { Band } from './daqi.ts';

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
      'For most people, short term exposure to moderate levels of air pollution is not an issue. Continue your usual outdoor activities. However, if you are experiencing symptoms, try to reduce your exposure to air pollution.',
    atRisk:
      'Try to adapt physically demanding activities outdoors, especially if your symptoms get worse. Follow your agreed management plan if you have one.',
  },
  High: highAdvice,
  'Very High': highAdvice,
};
