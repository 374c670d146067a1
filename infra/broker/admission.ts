import ipaddr from 'ipaddr.js';

/** How many connections may be open at once. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  /**
   * From one address. A mobile operator puts thousands of devices behind one, so this is only there to keep one
   * address from taking every place.
   */
  readonly maxPerAddress: number;
}

/** Counts open connections, in all and by address. */
export interface Admission {
  /** A place, to be given back by calling `leave` once; or why there is none. */
  enter(
    address: string,
  ): { readonly leave: () => void } | { readonly refused: 'too-many-connections' | 'too-many-from-address' };
  readonly open: number;
}

export const openAdmission = ({ maxConnections, maxPerAddress }: ConnectionLimits): Admission => {
  const byAddress = new Map<string, number>();
  let open = 0;
  return {
    get open() {
      return open;
    },
    enter(address) {
      if (open >= maxConnections) return { refused: 'too-many-connections' };
      const key = hostKey(address);
      const here = byAddress.get(key) ?? 0;
      if (here >= maxPerAddress) return { refused: 'too-many-from-address' };
      byAddress.set(key, here + 1);
      open += 1;
      return {
        leave: () => {
          open -= 1;
          const left = (byAddress.get(key) ?? 1) - 1;
          if (left === 0) byAddress.delete(key);
          else byAddress.set(key, left);
        },
      };
    },
  };
};

/**
 * One host, one key: an IPv4 address however it is written, of an IPv6 address the network (/64) that one host can
 * fill by itself.
 */
export const hostKey = (address: string): string => {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : parsed.toString();
};
