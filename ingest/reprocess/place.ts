import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import { emptyResult, type Result } from '../../infra/reprocess/contract.ts';
import { resultOf } from '../../infra/reprocess/result-shape.ts';
import type { Stretch } from './stretches.ts';
import { untouched, type Touched } from './tally.ts';

/** What a run is to do. It is made once: what changes in the registry later is the next run's. */
export interface Plan {
  /** Which versions of which profiles read the uplinks: when they change what was gathered is worth nothing. */
  readonly print: string;
  readonly stretches: readonly Stretch[];
}

/** How far a run has come, with what it has found. */
export interface Place {
  readonly phase: 'gather' | 'weigh';
  /** The journal was read up to there, */
  readonly after: number;
  /** and is to be read up to there. */
  readonly through: number;
  /** The quarantine was read. */
  readonly quarantine: boolean;
  /** From this phenomenon time on every uplink that can have said anything is in the journal. */
  readonly coveredFrom: number;
  /** Which stretch is at hand, up to where it is written, and up to where it is counted: what lies between may be half written. */
  readonly stretch: number;
  readonly written: number;
  readonly counted: number;
  readonly touched: Touched;
  /** Whether anything of the device at hand was changed. */
  readonly changed: boolean;
  readonly result: Result;
}

/** No time is earlier. */
export const EARLIEST = -8.64e15;

export const beginning = (through: number, devices: number): Place => ({
  phase: 'gather',
  after: 0,
  through,
  quarantine: false,
  coveredFrom: -EARLIEST,
  stretch: 0,
  written: EARLIEST,
  counted: EARLIEST,
  touched: untouched,
  changed: false,
  result: { ...emptyResult, devices },
});

const number = Type.Number();
const placeShape = Compile(
  Type.Object({
    phase: Type.Enum(['gather', 'weigh']),
    after: number,
    through: number,
    quarantine: Type.Boolean(),
    coveredFrom: number,
    stretch: number,
    written: number,
    counted: number,
    touched: Type.Object({ hour: number, day: number }),
    changed: Type.Boolean(),
    result: Type.String(),
  }),
);
const planShape = Compile(
  Type.Object({
    print: Type.String(),
    stretches: Type.Array(Type.Object({ device: Type.String(), from: number, to: number, since: number })),
  }),
);

/** @throws Error when the text is none of ours. */
export const placeOf = (json: string): Place => {
  const { result, ...place } = placeShape.Parse(JSON.parse(json));
  return { ...place, result: resultOf(result) };
};
export const placeJson = (place: Place): string => JSON.stringify({ ...place, result: JSON.stringify(place.result) });

/** @throws Error when the text is none of ours. */
export const planOf = (json: string): Plan => {
  const { print, stretches } = planShape.Parse(JSON.parse(json));
  return {
    print,
    stretches: stretches.map(({ device, from, to, since }) => ({
      device: deviceId(device),
      from: instant(from),
      to: instant(to),
      since: instant(since),
    })),
  };
};
