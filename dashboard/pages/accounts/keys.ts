import { instant, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { checkedRole } from '../../../infra/registry/checks.ts';
import { roles, scopes, scopesOfKey } from '../../../infra/registry/contract.ts';
import { dayOf } from '../../audit-query.ts';
import type { Desk, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { when } from '../models.ts';
import { again, changesOf, fresh, refusedAt, type AccountParts } from './parts.ts';
import { roleItems, roleWords, scopeWords } from './words.ts';
import { englishWords } from '../../words/index.ts';

interface Typed {
  readonly name: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly ends: string;
}

const keysPage = ({ registry, clock }: AccountParts, typed: Typed, done?: string): Page => {
  const now = clock.now();
  const used = registry.keyUse();
  return {
    template: 'accounts/keys',
    title: 'API keys',
    section: 'manage',
    content: {
      ...typed,
      done,
      roles: roleItems(roles, typed.role),
      scopeItems: scopes.map((scope) => ({
        value: scope,
        text: scopeWords[scope],
        checked: typed.scopes.includes(scope),
      })),
      keys: registry.keys().map((key) => {
        const at = used.get(key.id);
        return {
          id: key.id,
          name: key.name,
          roleName: roleWords[key.role].name,
          may: scopesOfKey(key)
            .map((scope) => scopeWords[scope])
            .join(', '),
          made: when(key.createdAt, now, englishWords),
          used: at === undefined ? undefined : when(at, now, englishWords),
          ends: key.expiresAt === undefined ? undefined : when(key.expiresAt, now, englishWords),
          state:
            key.revokedAt !== undefined
              ? 'Revoked'
              : key.expiresAt !== undefined && key.expiresAt <= now
                ? 'Expired'
                : 'Good',
        };
      }),
    },
  };
};

const nothingTyped: Typed = { name: '', role: 'viewer', scopes: [], ends: '' };

/** API keys: made, shown once, narrowed, ended. */
export const keyPages = (desk: Desk, parts: AccountParts): void => {
  desk.get('/manage/keys', 'administer', (visit) => fresh(keysPage(parts, nothingTyped, visit.query('done'))));
  desk.post('/manage/keys', 'administer', async (visit) => {
    const typed: Typed = {
      name: visit.field('name'),
      role: visit.field('role'),
      scopes: visit.fields('scopes'),
      ends: visit.field('ends').trim(),
    };
    const ends = typed.ends === '' ? undefined : dayOf(typed.ends, 'ends');
    if (typed.ends !== '' && ends === undefined)
      return again(keysPage(parts, typed), [{ field: 'ends', text: 'Enter the last day as 2027-03-31, or nothing' }]);
    try {
      const { key, secret } = await create(parts, visit, typed, ends);
      return {
        page: { template: 'accounts/key-made', title: 'A new API key', section: 'manage', content: { key, secret } },
      };
    } catch (error) {
      return again(keysPage(parts, typed), [refusedAt('name', error)]);
    }
  });
  desk.post('/manage/keys/:id/revoke', 'administer', async (visit) => {
    try {
      await changesOf(parts, visit).revokeKey(visit.param('id'));
    } catch (error) {
      return again(keysPage(parts, nothingTyped), [refusedAt('keys', error)]);
    }
    return { to: '/manage/keys?done=revoked' };
  });
};

const create = (parts: AccountParts, visit: Visit, typed: Typed, ends: Instant | undefined) =>
  changesOf(parts, visit).createKey({
    name: typed.name,
    role: checkedRole(typed.role),
    ...(typed.scopes.length === 0 ? {} : { scopes: typed.scopes }),
    ...(ends === undefined ? {} : { expiresAt: instant(ends) }),
  });
