import type { Unusable } from '../vocabulary/refusal.ts';
import type { Frame } from './contract.ts';
import { setAside, type Answer, type Ask, type Failed } from './exchange.ts';
import { packFrames } from './frames.ts';
import type { Lane } from './lane.ts';
import { limits } from './limits.ts';
import { overrunBudget } from './overrun-budget.ts';
import type { Lost } from './watched.ts';

/** A codec's text. */
export interface CodecText {
  /** The SHA-256 of the source, in hexadecimal. */
  readonly id: string;
  readonly source: string;
  readonly overrunMsPerMinute: number;
}

/** What came of a call: the prelude's text, or why there is none. */
export type Outcome = string | Failed | Unusable;

/** Calls of one codec's functions. Neither rejects; the outcomes stand in the order of the frames. */
export interface Calling {
  onFrames(call: 'decodeUplink' | 'decodeDownlink', frames: readonly Frame[]): Promise<readonly Outcome[]>;
  onJson(call: 'encodeDownlink' | 'normalizeUplink', input: string): Promise<Outcome>;
}

type Question = Pick<Ask, 'call' | 'input' | 'variables'>;

/** How often a thread may be lost, in one batch, with no codec to blame: it is a fault of ours, and may be a passing one. */
const STRAYS_AT_MOST = 1;

const NO_ANSWER: Unusable = { reason: 'internal-fault', detail: 'the sandbox gave no answer' };

/** Makes a codec's calls in a lane, until each has an outcome, whatever becomes of the lane's thread. */
export const calling = (lane: Lane, { id, source, overrunMsPerMinute }: CodecText): Calling => {
  const budget = overrunBudget(overrunMsPerMinute, () => performance.now());
  const ask = async (question: Question): Promise<Answer | Lost> => {
    const asked: Ask = { ...question, codec: id, patienceMs: budget.leftMs() };
    const answer = await lane.ask(asked);
    return answer.kind === 'source-wanted' ? lane.ask({ ...asked, source }) : answer;
  };

  /** Asks until none of so many calls is open; `question` gives those that stand at some places among them. */
  const askAll = async (
    count: number,
    question: (places: readonly number[]) => Question,
  ): Promise<readonly Outcome[]> => {
    const outcomes = Array.from({ length: count }, (): Outcome => NO_ANSWER);
    let open = [...outcomes.keys()];
    let strays = 0;
    while (open.length > 0) {
      if (budget.leftMs() <= 0) {
        for (const place of open) outcomes[place] = setAside;
        return outcomes;
      }
      // Others that share the thread come in between.
      const places = open.slice(0, limits.framesPerAsk);
      const answer = await ask(question(places));
      if (answer.kind === 'done') {
        for (const [n, place] of places.entries()) outcomes[place] = answer.outcomes[n] ?? NO_ANSWER;
        budget.spend(answer.excessMs);
        open = open.slice(places.length);
      } else if (answer.kind === 'source-wanted') {
        return outcomes;
      } else if (answer.at === 'nothing') {
        strays += 1;
        const fault: Unusable = { reason: 'internal-fault', detail: answer.detail };
        if (strays > STRAYS_AT_MOST) {
          for (const place of open) outcomes[place] = fault;
          return outcomes;
        }
      } else {
        // The frame that hung is lost; the others go to the next thread. What cannot be loaded hangs for all.
        const { at, reason, detail, ms } = answer;
        budget.spend(ms);
        const stuck = at === 'loading' ? open : places.slice(at, at + 1);
        for (const place of stuck) outcomes[place] = { reason, detail };
        open = open.filter((place) => !stuck.includes(place));
      }
    }
    return outcomes;
  };

  return {
    onFrames: (call, frames) =>
      askAll(frames.length, (places) => {
        const some = places.length === frames.length ? frames : places.flatMap((place) => frames[place] ?? []);
        const variables = some.map((frame) => frame.variables && JSON.stringify(frame.variables));
        const input = packFrames(some);
        return { call, input, ...(variables.every((one) => one === undefined) ? {} : { variables }) };
      }),
    onJson: async (call, input) => (await askAll(1, () => ({ call, input })))[0] ?? NO_ANSWER,
  };
};
