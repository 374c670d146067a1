import { Unavailable, type DeviceId, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { ExplainValue } from '../../infra/explain/contract.ts';
import { rollUpsOf, type RollUpParts } from '../../infra/explain/roll-ups.ts';
import { explanationOut } from './out.ts';
import type { ExplanationOut } from './shape.ts';

/** Which value, and whether who asks may see what devices sent. */
export interface Asked {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  readonly time: Instant;
  readonly payload: boolean;
}

/** Explains a stored value and what it went into. @throws what `ExplainValue` throws; Unavailable (`explain-busy`). */
export type Explaining = (asked: Asked) => Promise<ExplanationOut>;

/**
 * Explanations that may wait for their turn. Each reads ten minutes of the journal and two days of a datastream, in the
 * thread that takes uplinks: one at a time, and whoever comes when so many wait comes again.
 */
const WAITING_AT_MOST = 20;

export const explaining = (explain: ExplainValue, parts: RollUpParts): Explaining => {
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const make = async ({ payload, ...asked }: Asked): Promise<ExplanationOut> => {
    const explained = await explain(asked);
    return explanationOut(explained, await rollUpsOf(explained.stored, parts), payload);
  };
  return async (asked) => {
    if (waiting >= WAITING_AT_MOST)
      throw new Unavailable(
        'explain-busy',
        `${WAITING_AT_MOST} explanations are waited for already: ask again in a few seconds`,
      );
    waiting += 1;
    const mine = turn.then(() => make(asked));
    turn = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      waiting -= 1;
    }
  };
};
