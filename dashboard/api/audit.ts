import { Type } from 'typebox';
import { Invalid, iso } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { auditActions, auditSubjects, type AuditEntry, type AuditQuery } from '../../infra/registry/contract.ts';
import { actorKinds, dayOf, detailWords, subjectOf } from '../audit-query.ts';
import { oneOf, time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { csv } from './csv.ts';
import { tableAnswers } from './tables.ts';
import { cursorInvalid, LIMIT_DEFAULT, LIMIT_MAX, linkNext, Next, opened, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';

const AuditOut = closed(
  {
    id: Type.Integer(),
    at: time('When it was done'),
    actor: closed({
      kind: oneOf(actorKinds),
      name: Type.String({
        description:
          'The user at the command line, the name and e-mail address of an account, or the name and id of an API key',
      }),
    }),
    action: oneOf(auditActions),
    subject: closed({ kind: oneOf(auditSubjects), id: Type.String() }),
    detail: Type.Record(Type.String(), Type.Unknown(), { description: 'What changed to what, without secrets' }),
  },
  { description: 'Who did what to what, and when' },
);

const idOf = (cursor: string): number => {
  const id = opened(cursor);
  if (!/^\d{1,15}$/.test(id)) throw cursorInvalid();
  return Number(id);
};

/** The audit trail. */
export const auditRoutes = (api: Http, { registry, may }: ApiParts): void => {
  api.get(
    '/audit',
    {
      ...may.manage,
      schema: {
        tags: ['status'],
        operationId: 'listAudit',
        summary: 'Who did what',
        description: 'Newest first. As CSV with `Accept: text/csv`. Needs `manage`.',
        querystring: closed({
          ...pageQuery,
          subject: Type.Optional(Type.String({ maxLength: 200, description: 'Only this, such as `device:aq-1`' })),
          actor: Type.Optional(
            Type.String({ maxLength: 200, description: 'Only by whoever has this in his name, in any case' }),
          ),
          actorKind: Type.Optional(oneOf(actorKinds, { description: 'Only by these' })),
          action: Type.Optional(oneOf(auditActions, { description: 'Only this' })),
          from: Type.Optional(
            Type.String({ maxLength: 10, description: 'From this day on, UTC, such as `2026-11-26`' }),
          ),
          to: Type.Optional(Type.String({ maxLength: 10, description: 'To this day and with it' })),
          format: Type.Optional(
            oneOf(['json', 'csv'] as const, { description: 'CSV for whoever cannot send `Accept: text/csv`' }),
          ),
        }),
        response: {
          200: tableAnswers('A page of the audit trail', closed({ entries: Type.Array(AuditOut), next: Next })),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { cursor, format } = request.query;
      const isCsv = format === 'csv' || /\btext\/csv\b/.test(request.headers.accept ?? '');
      const { limit = isCsv ? LIMIT_MAX : LIMIT_DEFAULT } = request.query;
      const entries = await registry.audit({
        ...queryOf(request.query),
        limit,
        ...(cursor === undefined ? {} : { before: idOf(cursor) }),
      });
      const last = entries.at(-1);
      const next = linkNext(
        request,
        reply,
        entries.length === limit && last !== undefined ? sealed(String(last.id)) : undefined,
      );
      void reply.header('Vary', 'Accept');
      if (isCsv)
        return reply
          .type('text/csv; charset=utf-8; header=present')
          .header('Content-Disposition', 'attachment; filename="audit.csv"')
          .send(csv(columns, entries.map(cellsOf)));
      return reply.type('application/json; charset=utf-8').send({
        entries: entries.map(({ at, actor, subject: of, detail, ...entry }) => ({
          ...entry,
          at: iso(at),
          actor: { ...actor },
          subject: { ...of },
          detail: { ...detail },
        })),
        next,
      });
    },
  );
};

const columns = ['id', 'at', 'actorKind', 'actor', 'action', 'subjectKind', 'subject', 'detail'];
const cellsOf = ({ id, at, actor, action, subject, detail }: AuditEntry) => [
  id,
  iso(at),
  actor.kind,
  actor.name,
  action,
  subject.kind,
  subject.id,
  detailWords(detail),
];

interface Given {
  readonly subject?: string;
  readonly actor?: string;
  readonly actorKind?: AuditEntry['actor']['kind'];
  readonly action?: AuditEntry['action'];
  readonly from?: string;
  readonly to?: string;
}

/** @throws Invalid (`subject-invalid`, `time-invalid`). */
const queryOf = ({ subject, actor, actorKind, action, from, to }: Given): Omit<AuditQuery, 'limit' | 'before'> => ({
  ...(subject === undefined ? {} : { subject: subjectOf(subject) }),
  ...(actor === undefined ? {} : { actor }),
  ...(actorKind === undefined ? {} : { actorKind }),
  ...(action === undefined ? {} : { action }),
  ...(from === undefined ? {} : { from: day('from', from, 'begins') }),
  ...(to === undefined ? {} : { to: day('to', to, 'ends') }),
});

const day = (field: string, text: string, which: 'begins' | 'ends') => {
  const at = dayOf(text, which);
  if (at === undefined)
    throw new Invalid('time-invalid', `${field}: ${JSON.stringify(text)} is not a day such as 2026-11-26`);
  return at;
};
