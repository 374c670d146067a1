import { Command } from 'commander';
import type { Catalogue } from '../../device-profiles/profile.ts';
import { matchProfile } from '../../device-profiles/identity/match.ts';
import { readScan, type Scan } from '../../device-profiles/identity/scan.ts';
import { findByShortCode } from '../../device-profiles/identity/short-code.ts';
import type { Tr005Identity } from '../../device-profiles/identity/tr005.ts';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../infra/config/index.ts';
import type { NewDevice } from '../../infra/registry/contract.ts';
import { withInstalledCatalogue } from '../installed-catalogue.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';

/** `devices scan TEXT`: what a QR code or a label says, and which device it is. */
export const scanCommand = (): Command =>
  new Command('scan')
    .description('read the text of a QR code, a DevEUI or a short code, and find its profile and device')
    .argument('<text>', 'as the camera gave it')
    .option('--json', 'for scripts')
    .action(async (text: string, { json }: { readonly json?: boolean }) => {
      const scan = understood(text);
      const identity = scan.kind === 'tr005' ? scan.identity : undefined;
      const profiles =
        identity === undefined ? [] : await withInstalledCatalogue((catalogue) => profilesOf(identity, catalogue));
      const devices = await withRegistry(async (registry) =>
        registry.devices().filter((device) => isMeant(scan, device)),
      );
      const found = {
        kind: scan.kind,
        devEui: scan.kind === 'dev-eui' ? scan.devEui : identity?.devEui,
        joinEui: identity?.joinEui,
        serial: identity?.serial,
        profileId: identity === undefined ? undefined : identity.vendorId + identity.vendorProfileId,
        profiles,
        devices: devices.map(({ id }) => id),
      };
      if (json === true) return print(JSON.stringify(found));
      const rows = Object.entries(found).flatMap(([key, value]) => {
        const words = typeof value === 'object' ? value.join(', ') || 'none' : value;
        return words === undefined ? [] : [[key, words]];
      });
      process.stdout.write(table(['FIELD', 'VALUE'], rows));
    });

type Understood = Exclude<Scan, { kind: 'refused' }>;

/** @throws Invalid (`scan-refused`) with what it is instead. */
const understood = (text: string): Understood => {
  const scan = readScan(text, readConfig().http.publicUrl);
  if (scan.kind === 'refused') throw new Invalid('scan-refused', `${scan.words} (${scan.reason})`);
  return scan;
};

const isMeant = (scan: Understood, device: { readonly id: string; readonly devEui?: string }): boolean => {
  switch (scan.kind) {
    case 'tr005':
      return device.devEui === scan.identity.devEui;
    case 'dev-eui':
      return device.devEui === scan.devEui;
    case 'device-page':
      return device.id === scan.device;
    case 'short-code':
      return findByShortCode(scan.code, [device]).length > 0;
  }
};

/**
 * What a device's own QR code says for its registration: EUIs, serial number and, where just one profile has its
 * ProfileID, the profile. @throws Invalid (`scan-refused`) when it is not a code of a LoRaWAN device.
 */
export const deviceInCode = async (text: string): Promise<Omit<Partial<NewDevice>, 'id'>> => {
  const scan = understood(text);
  if (scan.kind === 'dev-eui') return { devEui: scan.devEui };
  if (scan.kind !== 'tr005')
    throw new Invalid(
      'scan-refused',
      'That is a label of ours, so the device is registered: "npx kerbside devices scan" finds it',
    );
  const { identity } = scan;
  const [profile, ...others] = await withInstalledCatalogue((catalogue) => profilesOf(identity, catalogue));
  return {
    devEui: identity.devEui,
    joinEui: identity.joinEui,
    ...(identity.serial === undefined ? {} : { serial: identity.serial }),
    ...(profile === undefined || others.length > 0 ? {} : { profile }),
  };
};

const profilesOf = (identity: Tr005Identity, catalogue: Catalogue): readonly string[] => {
  const match = matchProfile(identity, catalogue);
  return match.kind === 'known' ? match.profiles.map(({ id }) => id) : [];
};
