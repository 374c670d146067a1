import type { Scan } from '../device-profiles/identity/scan.ts';
import { findByShortCode } from '../device-profiles/identity/short-code.ts';
import type { Device } from '../infra/registry/contract.ts';

/** The registered devices that a scanned or typed text means: usually one or none, several of a short code. */
export const devicesMeant = (scan: Scan, devices: readonly Device[]): readonly Device[] => {
  switch (scan.kind) {
    case 'tr005':
      return devices.filter(({ devEui }) => devEui === scan.identity.devEui);
    case 'dev-eui':
      return devices.filter(({ devEui }) => devEui === scan.devEui);
    case 'device-page':
      return devices.filter(({ id }) => id === scan.device);
    case 'short-code':
      return findByShortCode(scan.code, devices);
    case 'refused':
      return [];
  }
};
