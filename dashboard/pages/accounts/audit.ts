import { iso } from '../../../device-profiles/vocabulary/index.ts';
import { auditActions, type AuditEntry, type AuditQuery } from '../../../infra/registry/contract.ts';
import { actorKinds, dayOf, detailWords, subjectOf } from '../../audit-query.ts';
import type { Desk, Visit } from '../desk.ts';
import { when } from '../models.ts';
import { again, fresh, refusedAt, type AccountParts, type FieldError } from './parts.ts';
import type { Page } from '../page.ts';
import { englishWords } from '../../words/index.ts';

const ENTRIES_A_PAGE = 100;
export const actorWords: Readonly<Record<AuditEntry['actor']['kind'], string>> = {
  'command-line': 'command line',
  account: 'account',
  key: 'API key',
  kerbside: 'Kerbside itself',
};

/** What was typed into the filters. */
interface Typed {
  readonly actor: string;
  readonly actorKind: string;
  readonly action: string;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
}

const typedIn = (visit: Visit): Typed => ({
  actor: visit.query('actor')?.trim() ?? '',
  actorKind: visit.query('actorKind') ?? '',
  action: visit.query('action') ?? '',
  subject: visit.query('subject')?.trim() ?? '',
  from: visit.query('from')?.trim() ?? '',
  to: visit.query('to')?.trim() ?? '',
});

/** The lines that are asked for, or what is wrong with the filters. */
const queryOf = (
  typed: Typed,
): { readonly query: Omit<AuditQuery, 'limit' | 'before'>; readonly errors: readonly FieldError[] } => {
  const errors: FieldError[] = [];
  const day = (field: 'from' | 'to') => {
    if (typed[field] === '') return undefined;
    const at = dayOf(typed[field], field === 'from' ? 'begins' : 'ends');
    if (at === undefined) errors.push({ field, text: 'Enter a day as 2026-11-26' });
    return at;
  };
  const subject = (): AuditEntry['subject'] | undefined => {
    if (typed.subject === '') return undefined;
    try {
      return subjectOf(typed.subject);
    } catch (error) {
      errors.push(refusedAt('subject', error));
      return undefined;
    }
  };
  const [from, to, of] = [day('from'), day('to'), subject()];
  const action = auditActions.find((one) => one === typed.action);
  const actorKind = actorKinds.find((one) => one === typed.actorKind);
  return {
    errors,
    query: {
      ...(typed.actor === '' ? {} : { actor: typed.actor }),
      ...(actorKind === undefined ? {} : { actorKind }),
      ...(action === undefined ? {} : { action }),
      ...(of === undefined ? {} : { subject: of }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    },
  };
};

const hrefWith = (path: string, typed: Typed, before?: number): string => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(typed)) if (value !== '') query.set(key, value);
  if (before !== undefined) query.set('before', String(before));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
};

const auditPage = async (
  { registry, clock }: AccountParts,
  typed: Typed,
  { query, before }: { readonly query: Omit<AuditQuery, 'limit'>; readonly before: number | undefined },
): Promise<Page> => {
  const now = clock.now();
  const entries = await registry.audit({
    ...query,
    limit: ENTRIES_A_PAGE,
    ...(before === undefined ? {} : { before }),
  });
  const last = entries.at(-1);
  return {
    template: 'accounts/audit',
    title: 'Who did what',
    section: 'manage',
    content: {
      typed,
      actions: auditActions
        .toSorted()
        .map((action) => ({ value: action, text: action.replaceAll('-', ' '), selected: action === typed.action })),
      actorKinds: actorKinds.map((kind) => ({
        value: kind,
        text: actorWords[kind],
        selected: kind === typed.actorKind,
      })),
      csv: hrefWith('/api/v1/audit', typed),
      next:
        entries.length === ENTRIES_A_PAGE && last !== undefined ? hrefWith('/manage/audit', typed, last.id) : undefined,
      entries: entries.map(({ id, at, actor, action, subject, detail }) => ({
        id,
        at: { ...when(at, now, englishWords), iso: iso(at) },
        who: actor.kind === 'kerbside' ? 'Kerbside itself' : actor.name,
        kind: actorWords[actor.kind],
        did: action.replaceAll('-', ' '),
        to: `${subject.kind} ${subject.id}`,
        detail: detailWords(detail),
      })),
    },
  };
};

/** The audit trail, for people. */
export const auditPages = (desk: Desk, parts: AccountParts): void => {
  desk.get('/manage/audit', 'manage', async (visit) => {
    const typed = typedIn(visit);
    const { query, errors } = queryOf(typed);
    const asked = Number(visit.query('before'));
    const before = Number.isSafeInteger(asked) && asked > 0 ? asked : undefined;
    const page = await auditPage(parts, typed, { query, before });
    return errors.length === 0 ? fresh(page) : again(page, errors);
  });
};
