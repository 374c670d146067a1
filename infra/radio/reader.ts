import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../registry/contract.ts';
import type { NamedGateway } from '../registry/records.ts';
import type { GatewayKept, GatewayKnown, RadioReader } from './contract.ts';
import { newestEvents, openEvents, type Events } from './events.ts';
import { openGateways, type Gateways } from './gateways.ts';
import { openLinks, type Links } from './links.ts';

interface ReaderParts {
  readonly gateways: Gateways;
  readonly links: Links;
  readonly events: Events;
  readonly registry: Pick<Registry, 'namedGateway' | 'radioEvents'>;
  readonly clock: Clock;
}

/** The pages of the book as those who show them ask. */
export const readerOf = ({ gateways, links, events, registry, clock }: ReaderParts): RadioReader => {
  const known = (facts: GatewayKept): GatewayKnown => withName(facts, registry.namedGateway(facts.gateway));
  return {
    gateways: () => gateways.all().map(({ facts }) => known(facts)),
    gateway: (id) => {
      const page = gateways.known(id);
      return page === undefined ? undefined : known(page.facts);
    },
    gatewayDays: (id) => gateways.known(id)?.days() ?? [],
    linksOf: (device) => links.of(device),
    linksBy: (gateway) => links.by(gateway),
    linkCounts: () => links.counts(),
    alone: () => links.alone(),
    channels: (id) => {
      const asked = id === undefined ? gateways.all() : [gateways.known(id)];
      return asked
        .flatMap((page) =>
          page === undefined
            ? []
            : page.occupancy.channels(clock.now()).map((channel) => ({ gateway: page.facts.gateway, ...channel })),
        )
        .sort((a, b) => a.frequency - b.frequency);
    },
    channelsFrom: (id) => gateways.known(id)?.occupancy.from(clock.now()),
    async events(devEui) {
      // Asked before the registry is: what is kept meanwhile is then in both, and once in the answer.
      const waiting = events.waiting(devEui);
      return newestEvents(await registry.radioEvents(devEui), waiting);
    },
  };
};

/** Our own name and position go before what the network says. */
const withName = (
  { seq: _seq, statsAt: _statsAt, ...facts }: GatewayKept,
  own: NamedGateway | undefined,
): GatewayKnown => ({
  ...facts,
  ...(own?.name === undefined ? {} : { name: own.name }),
  ...(own?.latitude === undefined || own.longitude === undefined
    ? {}
    : { position: { latitude: own.latitude, longitude: own.longitude } }),
});

/**
 * The radio network as the registry has it: what another process, such as the command line, knows. It ends when the
 * server last kept it, half a minute ago or when it was stopped; how busy channels are is not in it.
 */
export const keptRadio = async (registry: Registry, clock: Clock): Promise<RadioReader> => {
  const kept = await registry.radio();
  return readerOf({
    gateways: openGateways(kept, clock.now(), (id) => registry.namedGateway(id) !== undefined),
    links: openLinks(kept.links, (id) => registry.device({ by: 'id', value: id })),
    events: openEvents(kept.eventNumbers, (value) => registry.device({ by: 'devEui', value }) !== undefined),
    registry,
    clock,
  });
};
