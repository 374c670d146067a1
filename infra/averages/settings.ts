import type { Config } from '../config/schema.ts';
import type { Comparison } from './exceedances.ts';
import { objectivesOf, type Objective } from './objectives.ts';

/** What an installation may decide about its averages: each is a figure that nobody has checked against its source. */
export interface AverageSettings {
  /** The share of an hour that must be measured, 0 to 1. */
  readonly hourCapture: number;
  readonly comparison: Comparison;
  readonly objectives: readonly Objective[];
}

/** The settings in force. */
export const averageSettings = ({
  averages,
  objectives,
}: Pick<Config, 'averages' | 'objectives'>): AverageSettings => ({
  hourCapture: averages.hourCapture,
  comparison: objectives.compare,
  objectives: objectivesOf(objectives),
});
