import { changesOf, sentence, type FieldError } from '../accounts/parts.ts';
import type { Visit } from '../desk.ts';
import { fieldOfFault, rowOf, type Draft, type Step } from './draft.ts';
import type { EngineerParts } from './parts.ts';

/** What the registry would say of a draft now, by the fields of one step: each is told where it was typed. Nothing is changed. */
export const stepFaults = async (
  step: Step,
  draft: Draft,
  at: { readonly parts: EngineerParts; readonly visit: Visit },
): Promise<readonly FieldError[]> => {
  const { rows } = await changesOf(at.parts, at.visit).putDevices([rowOf(draft)], { dryRun: true });
  return rows.flatMap(({ faults }) =>
    faults.flatMap(({ field, detail }) => {
      const asked = fieldOfFault.get(field);
      return asked?.step === step ? [{ field: asked.field, text: sentence(detail) }] : [];
    }),
  );
};
