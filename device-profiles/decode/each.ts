import type { Unusable } from '../vocabulary/refusal.ts';

/**
 * Applies a step to each item. One that throws is a fault of ours: the item is refused for it alone, as
 * `internal-fault`, and the others go on.
 */
export const each = <In, Out>(
  items: readonly In[],
  step: (item: In, index: number) => Out | Unusable,
): (Out | Unusable)[] =>
  items.map((item, index) => {
    try {
      return step(item, index);
    } catch (error) {
      return {
        reason: 'internal-fault',
        detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      };
    }
  });
