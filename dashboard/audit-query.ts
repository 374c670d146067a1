import { instant, Invalid, type Instant } from '../device-profiles/vocabulary/index.ts';
import { auditSubjects, type AuditEntry } from '../infra/registry/contract.ts';

/** Who may have done something, as the audit trail has it. */
export const actorKinds = [
  'command-line',
  'account',
  'key',
  'kerbside',
] as const satisfies readonly AuditEntry['actor']['kind'][];

/** `device:aq-1`. @throws Invalid (`subject-invalid`). */
export const subjectOf = (text: string): AuditEntry['subject'] => {
  const [word, ...rest] = text.split(':');
  const kind = auditSubjects.find((known) => known === word);
  const id = rest.join(':');
  if (kind === undefined || id === '')
    throw new Invalid(
      'subject-invalid',
      `subject: ${JSON.stringify(text)} is not one of ${auditSubjects.join(', ')}, a colon and an id`,
    );
  return { kind, id };
};

const DAY_MS = 86_400_000;

/** The beginning of a UTC day `2026-11-26`, or of the one after it. Undefined when the text is no day. */
export const dayOf = (text: string, after: 'begins' | 'ends'): Instant | undefined => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) ? undefined : instant(at + (after === 'ends' ? DAY_MS : 0));
};

/** What an entry says beyond who and when, in one line. */
export const detailWords = (detail: AuditEntry['detail']): string =>
  Object.entries(detail)
    .map(([key, value]) => `${key}: ${value ?? '-'}`)
    .join(', ');
