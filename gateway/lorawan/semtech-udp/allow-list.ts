import ipaddr from 'ipaddr.js';
import { Invalid } from '../../../device-profiles/vocabulary/index.ts';

/** Who may speak, and from where. */
export interface AllowList {
  readonly size: number;
  /** Undefined when the gateway may speak from there. */
  refusal(gateway: string, address: string): 'gateway-unknown' | 'gateway-elsewhere' | undefined;
}

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * @param text `lorawan.gateways`: EUIs, each with `@` and an address or a network (`10.8.0.0/24`) where it is known,
 * divided by commas. One that is named twice may speak from either place.
 * @throws Invalid (`gateway-address-invalid`) where something else stands behind an `@`
 */
export const readAllowList = (text: string): AllowList => {
  const places = new Map<string, (Network | 'anywhere')[]>();
  for (const item of text === '' ? [] : text.split(',')) {
    const [eui = '', place] = item.split('@');
    const known = places.get(eui.toLowerCase()) ?? [];
    known.push(place === undefined ? 'anywhere' : networkOf(place, item));
    places.set(eui.toLowerCase(), known);
  }
  return {
    size: places.size,
    refusal(gateway, address) {
      const known = places.get(gateway);
      if (known === undefined) return 'gateway-unknown';
      if (known.includes('anywhere')) return undefined;
      if (!ipaddr.isValid(address)) return 'gateway-elsewhere';
      // A listener on :: hears IPv4 as ::ffff:10.0.0.1.
      const from = ipaddr.process(address);
      const inside = known.some(
        (place) => place !== 'anywhere' && place[0].kind() === from.kind() && from.match(place),
      );
      return inside ? undefined : 'gateway-elsewhere';
    },
  };
};

const networkOf = (place: string, item: string): Network => {
  if (ipaddr.isValidCIDR(place)) return ipaddr.parseCIDR(place);
  // "10.1" is an address to ipaddr.js, and a mistake to everybody else.
  if (ipaddr.IPv4.isValidFourPartDecimal(place) || ipaddr.IPv6.isValid(place)) {
    const address = ipaddr.process(place);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  }
  throw new Invalid(
    'gateway-address-invalid',
    `lorawan.gateways: "${item}" does not say an address such as 10.8.0.7, or a network such as 10.8.0.0/24, behind "@"`,
  );
};
