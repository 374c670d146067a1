import { quantityOf } from '../device-profiles/vocabulary/index.ts';
import type { Rule } from '../infra/registry/contract.ts';
import { unitWords } from './pages/words.ts';

/** What a rule is called that was given no name: `PM2.5 above 50 µg/m³`. */
export const ruleName = ({ quantity, when, threshold }: Pick<Rule, 'quantity' | 'when' | 'threshold'>): string =>
  `${quantityOf(quantity).name} ${when} ${threshold} ${unitWords(quantity)}`.trimEnd();
