import { Command, InvalidArgumentError } from 'commander';
import { iso } from '../device-profiles/vocabulary/index.ts';
import { auditSubjects, type AuditEntry } from '../infra/registry/contract.ts';
import { print } from './print.ts';
import { table } from './table.ts';
import { withRegistry } from './with-registry.ts';

const kinds = { key: 'API key', account: 'account', 'command-line': 'command line' } as const;

interface AuditOptions {
  readonly subject?: AuditEntry['subject'];
  readonly actor?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const subjectOf = (text: string): AuditEntry['subject'] => {
  const [word, ...rest] = text.split(':');
  const kind = auditSubjects.find((known) => known === word);
  const id = rest.join(':');
  if (kind === undefined || id === '')
    throw new InvalidArgumentError(`a subject is one of ${auditSubjects.join(', ')}, a colon and an id.`);
  return { kind, id };
};

const limitOf = (text: string): number => {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw new InvalidArgumentError('a limit is 1 to 10000.');
  return limit;
};

/** `kerbside audit`: who did what, newest first. */
export const auditCommand = (): Command =>
  new Command('audit')
    .description('who did what to which device, site, rule, key or account; newest first')
    .option('--subject <kind:id>', 'only this, such as device:aq-1', subjectOf)
    .option('--actor <text>', 'only by whoever has this in his name')
    .option('--limit <number>', 'lines at most', limitOf, 50)
    .option('--json', 'for scripts')
    .action(async ({ subject, actor, limit, json }: AuditOptions) => {
      const entries = await withRegistry((registry) =>
        registry.audit({
          limit,
          ...(subject === undefined ? {} : { subject }),
          ...(actor === undefined ? {} : { actor }),
        }),
      );
      if (json === true)
        return print(JSON.stringify({ entries: entries.map(({ at, ...entry }) => ({ ...entry, at: iso(at) })) }));
      if (entries.length === 0) return print('Nothing has been done yet');
      process.stdout.write(
        table(
          ['WHEN', 'WHO', 'DID', 'TO', 'WITH'],
          entries.map(({ at, actor, action, subject: of, detail }) => [
            iso(at),
            actor.kind === 'kerbside' ? 'Kerbside' : `${actor.name} (${kinds[actor.kind]})`,
            action,
            `${of.kind} ${of.id}`,
            Object.entries(detail)
              .map(([key, value]) => `${key}: ${value ?? '-'}`)
              .join(', '),
          ]),
        ),
      );
    });
