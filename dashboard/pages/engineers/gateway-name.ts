import { KerbsideError, NotFound } from '../../../device-profiles/vocabulary/index.ts';
import { again, changesOf, fresh, refusedAt } from '../accounts/parts.ts';
import type { Desk, Shown, Visit } from '../desk.ts';
import { numberIn } from './draft.ts';
import { gatewayHref } from '../gateways.ts';
import type { Page, PageParts } from '../page.ts';

const fields = ['name', 'latitude', 'longitude'] as const;
type Typed = Readonly<Record<(typeof fields)[number], string>>;

/** By the code of a refusal, the field where it is shown; else the name. */
const fieldOf = new Map([
  ['position-invalid', 'latitude'],
  ['position-outside', 'latitude'],
]);

const page = (gateway: string, typed: Typed): Page => ({
  template: 'engineers/gateway-name',
  title: `Name of gateway ${gateway}`,
  section: 'gateways',
  scripts: ['field'],
  content: { id: gateway, href: gatewayHref(gateway), action: `${gatewayHref(gateway)}/name`, typed },
});

/** What people call a radio gateway, and where it stands: before what its network says. An empty field takes ours back. */
export const gatewayNamePages = (desk: Desk, parts: PageParts): void => {
  /** @throws NotFound (`gateway-unknown`). */
  const gatewayIn = (visit: Visit): string => {
    const id = visit.param('id');
    const gateway = parts.now.fleet().gateways.get(id);
    if (gateway === undefined)
      throw new NotFound('gateway-unknown', `There is no gateway ${JSON.stringify(id.slice(0, 80))}`);
    return gateway.known.gateway;
  };
  const ask = (visit: Visit): Shown => {
    const gateway = gatewayIn(visit);
    const { name = '', latitude = '', longitude = '' } = parts.registry.namedGateway(gateway) ?? {};
    return fresh(page(gateway, { name, latitude: String(latitude), longitude: String(longitude) }));
  };
  const keep = async (visit: Visit): Promise<Shown> => {
    const gateway = gatewayIn(visit);
    const [name = '', latitude = '', longitude = ''] = fields.map((field) => visit.field(field).trim().slice(0, 200));
    const typed = { name, latitude, longitude };
    const [north, east] = [numberIn(latitude), numberIn(longitude)];
    for (const [field, number] of [
      ['latitude', north],
      ['longitude', east],
    ] as const)
      if (Number.isNaN(number))
        return again(page(gateway, typed), [{ field, text: 'Enter a number of degrees, such as 53.40850' }]);
    try {
      await changesOf(parts, visit).updateGateway(gateway, {
        name: name === '' ? null : name,
        latitude: north ?? null,
        longitude: east ?? null,
      });
    } catch (error) {
      const field = error instanceof KerbsideError ? fieldOf.get(error.code) : undefined;
      return again(page(gateway, typed), [refusedAt(field ?? 'name', error)]);
    }
    return { to: gatewayHref(gateway) };
  };
  desk.get('/gateways/:id/name', 'manage', ask);
  desk.post('/gateways/:id/name', 'manage', keep);
};
