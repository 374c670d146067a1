import { Command } from 'commander';
import { deviceId, iso, NotFound } from '../../device-profiles/vocabulary/index.ts';
import type { Credential, Device, Registry } from '../../infra/registry/contract.ts';
import { checkedStatus } from '../../infra/registry/checks.ts';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';
import { listed, placed } from './fields.ts';

interface ListOptions {
  readonly status?: string;
  readonly json?: boolean;
}

/** `devices list`. */
export const listCommand = (): Command =>
  new Command('list')
    .description('list all devices, retired ones too')
    .option('--status <status>', `only these: ${deviceStatuses.join(', ')}`)
    .option('--json', 'for scripts')
    .action(list);

const list = async ({ status, json }: ListOptions): Promise<void> => {
  const wanted = status === undefined ? undefined : checkedStatus(status);
  const devices = await withRegistry(async (registry) =>
    registry
      .devices()
      .filter((device) => wanted === undefined || device.status === wanted)
      .map((device) => listed(registry, device)),
  );
  if (json === true) return print(JSON.stringify({ devices }));
  if (devices.length === 0)
    return print(
      wanted === undefined
        ? 'No device is registered yet: "npx kerbside devices add --help" says how'
        : `No device is ${wanted}`,
    );
  const rows = devices.map((device) => [
    device.id,
    device.status,
    device.profile,
    device.site ?? '-',
    device.devEui ?? '-',
    device.name,
  ]);
  process.stdout.write(table(['ID', 'STATUS', 'PROFILE', 'SITE', 'DEVEUI', 'NAME'], rows));
};

/** `devices show ID`: everything that is registered of one device. */
export const showCommand = (): Command =>
  new Command('show')
    .description('show everything that is registered of one device')
    .argument('<id>')
    .option('--json', 'for scripts')
    .action(async (text: string, { json }: { readonly json?: boolean }) => {
      const shown = await withRegistry(async (registry) => whole(registry, registered(registry, text)));
      if (json === true) return print(JSON.stringify(shown));
      const { deployments, credentials, variables, speaksFor, ...facts } = shown;
      const lines = [
        ...Object.entries(facts).map(([key, value]) => [key, String(value)]),
        ...Object.entries(variables ?? {}).map(([key, value]) => [`variable ${key}`, value]),
        ...(speaksFor ?? []).map((each) => ['speaks for', each]),
        ...deployments.map(({ site, from, to }) => [
          'stood at',
          `${site} from ${from} ${to === null ? 'until now' : `to ${to}`}`,
        ]),
        ...credentials.map(({ kind, id, expiresAt }) => [
          'signs in with',
          `${kind} ${id}${expiresAt === null ? '' : ` until ${expiresAt}`}`,
        ]),
      ];
      process.stdout.write(table(['FIELD', 'VALUE'], lines));
    });

const whole = (registry: Registry, device: Device) => ({
  ...listed(registry, device),
  deployments: registry
    .deployments()
    .filter((each) => each.device === device.id)
    .map(placed),
  credentials: registry.credentials(device.id).map(shownCredential),
});

/** A credential with its times as texts; it has no secret to leave out. */
export const shownCredential = ({ id, kind, createdAt, expiresAt, fingerprint }: Credential) => ({
  id,
  kind,
  createdAt: iso(createdAt),
  expiresAt: expiresAt === undefined ? null : iso(expiresAt),
  ...(fingerprint === undefined ? {} : { fingerprint }),
});

/** @throws NotFound (`device-unknown`). */
export const registered = (registry: Registry, text: string): Device => {
  const device = registry.device({ by: 'id', value: deviceId(text) });
  if (device === undefined) throw new NotFound('device-unknown', `no device ${JSON.stringify(text)} is registered`);
  return device;
};
