import { InvalidId } from '../../device-profiles/vocabulary/index.ts';
import type { Recorder } from './audit.ts';
import { checkedName } from './checks.ts';
import type { GatewayChange, NamedGateway, Registry } from './contract.ts';
import { namedGatewayOf } from './rows.ts';
import { checkedPosition, type Area } from './site-checks.ts';
import type { Write } from './write.ts';

/** A EUI, or a network's own id of a gateway. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** How people name gateways. */
export const gatewayChanges = ({
  write,
  record,
  area,
}: {
  readonly write: Write;
  readonly record: Recorder;
  readonly area: Area | undefined;
}): Pick<Registry, 'updateGateway'> => ({
  updateGateway: async (id, change) => {
    if (!ID.test(id)) throw new InvalidId('gateway id', id, '16 hexadecimal digits, or what its network calls it');
    return write(async (trx, revision) => {
      const row = await trx.selectFrom('named_gateway').selectAll().where('id', '=', id).executeTakeFirst();
      const gateway = changed(row === undefined ? { id } : namedGatewayOf(row), change, area);
      const columns = {
        name: gateway.name ?? null,
        latitude: gateway.latitude ?? null,
        longitude: gateway.longitude ?? null,
        revision,
      };
      await trx
        .insertInto('named_gateway')
        .values({ id, ...columns })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
        .execute();
      await record(trx, [{ action: 'gateway-changed', subject: { kind: 'gateway', id }, detail: { ...change } }]);
      return gateway;
    });
  },
});

const changed = (before: NamedGateway, change: GatewayChange, area: Area | undefined): NamedGateway => {
  const name = change.name === undefined ? before.name : change.name;
  const latitude = change.latitude === undefined ? before.latitude : change.latitude;
  const longitude = change.longitude === undefined ? before.longitude : change.longitude;
  return {
    id: before.id,
    ...(name === undefined || name === null ? {} : { name: checkedName('the name of a gateway', name) }),
    ...checkedPosition(
      {
        ...(latitude === undefined || latitude === null ? {} : { latitude }),
        ...(longitude === undefined || longitude === null ? {} : { longitude }),
      },
      area,
    ),
  };
};
