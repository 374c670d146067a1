import { isMap, isSeq, parseDocument } from 'yaml';
import { decodeOne, inputOf, runVector } from '../check-vectors.ts';
import type { Vector } from '../definition/schema.ts';
import { measure } from '../measure.ts';
import { isUnusable, type Profile } from '../profile.ts';
import { iso } from '../vocabulary/time.ts';

/** What a vector says of its message's outcome, in the words of `vectors.yaml`. */
const outcomeOf = async (profile: Profile, vector: Vector): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const input = inputOf(vector);
  if (typeof input === 'string') return undefined;
  const result = await decodeOne(profile, input);
  if (isUnusable(result)) return { refused: result.reason };
  const readings = result.map((one) => ({
    ...(one.time === undefined ? {} : { at: iso(one.time) }),
    decoded: Object.fromEntries(one.fields),
    observed: Object.fromEntries(
      measure(profile, one).map(({ quantity, value }) => [
        quantity,
        value.kind === 'measured' ? value.value : value.reason,
      ]),
    ),
  }));
  const counted =
    vector.unmapped === undefined ? {} : { unmapped: result.reduce((sum, { unmapped }) => sum + unmapped, 0) };
  return { ...(readings.length === 1 ? readings[0] : { readings }), ...counted };
};

const outcomes = ['at', 'decoded', 'observed', 'readings', 'refused', 'unmapped'] as const;

/**
 * A `vectors.yaml` for a profile whose mapping has changed: what held before is written as it is now, what did not hold
 * is left for the linter to tell. Gives the names of those that changed.
 */
export const editVectors = async (
  text: string,
  vectors: readonly Vector[],
  { before, after }: { readonly before: Profile; readonly after: Profile },
): Promise<{ readonly text: string; readonly changed: readonly string[] }> => {
  const document = parseDocument(text);
  const changed: string[] = [];
  for (const [index, vector] of vectors.entries()) {
    if ((await runVector(before, vector)).length > 0 || (await runVector(after, vector)).length === 0) continue;
    const outcome = await outcomeOf(after, vector);
    const node: unknown = isSeq(document.contents) ? document.contents.items[index] : undefined;
    if (outcome === undefined || !isMap(node)) continue;
    for (const key of outcomes) node.delete(key);
    for (const [key, value] of Object.entries(outcome)) node.set(key, document.createNode(value, { flow: true }));
    changed.push(vector.name);
  }
  return { text: changed.length === 0 ? text : document.toString({ lineWidth: 0 }), changed };
};
