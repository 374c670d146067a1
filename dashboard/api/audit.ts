import { Type } from 'typebox';
import { Invalid, iso } from '../../device-profiles/vocabulary/index.ts';
import type { Http } from '../../infra/http/server.ts';
import { auditActions, auditSubjects, type AuditEntry } from '../../infra/registry/contract.ts';
import { oneOf, time } from '../wire.ts';
import { closed, problems } from './answers.ts';
import { cursorInvalid, LIMIT_DEFAULT, linkNext, Next, opened, pageQuery, sealed } from './paging.ts';
import type { ApiParts } from './parts.ts';

const AuditOut = closed(
  {
    id: Type.Integer(),
    at: time('When it was done'),
    actor: closed({
      kind: oneOf(['command-line', 'key', 'kerbside'] as const satisfies readonly AuditEntry['actor']['kind'][]),
      name: Type.String({ description: 'The user at the command line, or the name and id of the API key' }),
    }),
    action: oneOf(auditActions),
    subject: closed({ kind: oneOf(auditSubjects), id: Type.String() }),
    detail: Type.Record(Type.String(), Type.Unknown(), { description: 'What changed to what, without secrets' }),
  },
  { description: 'Who did what to what, and when' },
);

/** `device:aq-1`. @throws Invalid (`subject-invalid`). */
const subjectOf = (text: string): AuditEntry['subject'] => {
  const [word, ...rest] = text.split(':');
  const kind = auditSubjects.find((known) => known === word);
  const id = rest.join(':');
  if (kind === undefined || id === '')
    throw new Invalid('subject-invalid', `subject: ${JSON.stringify(text)} is not one of ${auditSubjects.join(', ')}, a colon and an id`);
  return { kind, id };
};

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
        description: 'Newest first. Needs `manage`.',
        querystring: closed({
          ...pageQuery,
          subject: Type.Optional(Type.String({ maxLength: 200, description: 'Only this, such as `device:aq-1`' })),
        }),
        response: {
          200: closed({ entries: Type.Array(AuditOut), next: Next }, { description: 'A page of the audit trail' }),
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, subject } = request.query;
      const entries = await registry.audit({
        limit,
        ...(subject === undefined ? {} : { subject: subjectOf(subject) }),
        ...(cursor === undefined ? {} : { before: idOf(cursor) }),
      });
      const last = entries.at(-1);
      const next = entries.length === limit && last !== undefined ? sealed(String(last.id)) : undefined;
      return reply.send({
        entries: entries.map(({ at, actor, subject: of, detail, ...entry }) => ({
          ...entry,
          at: iso(at),
          actor: { ...actor },
          subject: { ...of },
          detail: { ...detail },
        })),
        next: linkNext(request, reply, next),
      });
    },
  );
};
