import { randomUUID } from 'node:crypto';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { checkedName, checkedRole } from './checks.ts';
import type { ApiKey, Registry } from './contract.ts';
import { newKeySecret, type Credentials } from './credentials.ts';
import type { Write } from './write.ts';

/** How API keys come. Two may have the same name: it is a remark, not an identity. */
export const keyChanges = ({
  write,
  record,
  credentials,
  clock,
}: {
  readonly write: Write;
  readonly record: Recorder;
  readonly credentials: Credentials;
  readonly clock: Clock;
}): Pick<Registry, 'createKey'> => ({
  createKey: async ({ name, role }) => {
    const key: ApiKey = {
      id: randomUUID(),
      name: checkedName('the name of a key', name),
      role: checkedRole(role),
      createdAt: clock.now(),
    };
    const secret = newKeySecret();
    await write(async (trx, revision) => {
      const row = {
        id: key.id,
        name: key.name,
        role: key.role,
        created_at: key.createdAt,
        secret_digest: credentials.ofKey(secret),
        revision,
      };
      await trx.insertInto('api_key').values(row).execute();
      const { id, name: called, role: as } = key;
      await record(trx, [{ action: 'key-created', subject: { kind: 'key', id }, detail: { name: called, role: as } }]);
    });
    return { key, secret };
  },
});
