import type { Profile } from '../../device-profiles/profile.ts';
import { instant, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { edgeOf } from '../judge/edge.ts';
import { handled } from './give-way.ts';
import type { RunParts, Running } from './parts.ts';
import { beginning, placeJson, placeOf, planOf, type Place, type Plan } from './place.ts';
import { judgeable, stretchesOf, type Stretch } from './stretches.ts';

/**
 * Where a run is, and what it has to do. It goes on with what the work file has, unless that was made by other versions
 * of the profiles, or what lies before the next stretch has gone since; else it begins. @throws as a run does.
 */
export const begun = async (
  { work, job, signal }: Running,
  parts: RunParts,
): Promise<{ readonly plan: Plan; readonly place: Place }> => {
  const { registry, clock, rawRetentionMs, journal } = parts;
  const asked = stretchesOf(job, registry);
  const keptFrom = clock.now() - rawRetentionMs;
  const [keptPlan, keptPlace] = [work.kept('plan'), work.kept('place')];
  if (keptPlan !== undefined && keptPlace !== undefined) {
    const [plan, place] = [planOf(keptPlan), placeOf(keptPlace)];
    const lost = plan.stretches
      .slice(place.stretch)
      .some((one) => (judgeableOf(one, keptFrom, parts)?.since ?? Infinity) > Math.max(one.since, place.written));
    if (!lost && plan.print === printOf(plan.stretches, parts)) return { plan, place };
  }
  const left = asked.map((whole) => ({ whole, part: judgeableOf(whole, keptFrom, parts) }));
  const stretches = left.flatMap(({ part }) => part ?? []);
  const begins = left.flatMap(({ whole, part }) => (part?.since === whole.since ? [] : [part?.since ?? whole.to]));
  const plan: Plan = { print: printOf(stretches, parts), stretches };
  const through = journal.stats().last;
  work.empty();
  const first = beginning(through, new Set(stretches.map(({ device }) => device)).size);
  const place: Place =
    begins.length === 0 ? first : { ...first, result: { ...first.result, since: instant(Math.max(...begins)) } };
  work.transaction(() => {
    work.keep('plan', JSON.stringify(plan));
    work.keep('place', placeJson(place));
  });
  await handled(through, { journal, signal });
  return { plan, place };
};

/**
 * What is judged by what was said before cannot be judged anew where that is gone: it would look like the first after a
 * silence.
 */
const judgeableOf = (stretch: Stretch, keptFrom: number, parts: RunParts): Stretch | undefined => {
  const profile = profileOf(stretch.device, parts);
  return profile === undefined
    ? stretch
    : judgeable(stretch, edgeOf({ device: stretch.device, profile, keptFrom }, parts));
};

const printOf = (stretches: readonly Stretch[], parts: RunParts): string => {
  const profiles = new Set(stretches.map(({ device }) => profileOf(device, parts)));
  return [...profiles]
    .map((profile) => (profile === undefined ? '-' : `${profile.id}@${profile.version}`))
    .sort()
    .join(' ');
};

/** The profile by which a device's uplinks are read now. */
export const profileOf = (
  id: DeviceId,
  { registry, catalogue }: Pick<RunParts, 'registry' | 'catalogue'>,
): Profile | undefined => {
  const device = registry.device({ by: 'id', value: id });
  return device === undefined ? undefined : catalogue.get(device.profile);
};
