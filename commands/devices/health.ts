import { Command, Option } from 'commander';
import { deviceId, iso, NotFound, systemClock, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { englishWords } from '../../dashboard/words/index.ts';
import { vitalsOf, type Vitals } from '../../dashboard/health/device.ts';
import { healthOut } from '../../dashboard/health/wire.ts';
import { openFleet } from '../../dashboard/now/fleet.ts';
import { causes } from '../../dashboard/now/routes.ts';
import { hearings, type Hearing } from '../../dashboard/now/rules.ts';
import { keptHeard } from '../../infra/heard/kept.ts';
import { keptRadio } from '../../infra/radio/reader.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import { withInstalledCatalogue } from '../installed-catalogue.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';

interface HealthOptions {
  readonly state?: Hearing;
  readonly cause?: (typeof causes)[number];
  readonly json?: boolean;
}

/**
 * `devices health [id]`: how devices are heard, worst first. It reads what the server kept in the registry, so it works
 * beside a server that runs, half a minute behind it, and when there is none, as of when it was stopped.
 */
export const healthCommand = (): Command =>
  new Command('health')
    .description('how devices are heard: state, cause, missed messages, battery, signal; worst first')
    .argument('[id]', 'only this device, whatever its status')
    .addOption(new Option('--state <state>', 'only devices that are heard so').choices([...hearings]))
    .addOption(
      new Option('--cause <cause>', 'only devices that are late or silent for that reason').choices([...causes]),
    )
    .option('--json', 'for scripts')
    .action(health);

const health = async (id: string | undefined, { state, cause, json }: HealthOptions): Promise<void> => {
  const { asOf, vitals } = await withRegistry((registry) => read(registry, id));
  const wanted = vitals.filter(
    (one) => (state === undefined || one.state === state) && (cause === undefined || one.cause?.cause === cause),
  );
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ asOf: iso(asOf), devices: wanted.map(healthOut) })}\n`);
    return;
  }
  process.stdout.write(`As of ${iso(asOf)}: ${wanted.length} of ${vitals.length} devices\n`);
  if (wanted.length > 0) process.stdout.write(table(heading, wanted.map(rowOf)));
};

const read = (
  registry: Registry,
  id: string | undefined,
): Promise<{ readonly asOf: Instant; readonly vitals: readonly Vitals[] }> => {
  return withInstalledCatalogue(async (catalogue) => {
    const heard = await keptHeard(registry, systemClock);
    const radio = await keptRadio(registry, systemClock);
    const fleet = openFleet({ registry, catalogue, heard, radio, brokerUp: () => undefined });
    const vitals = await vitalsOf(chosen(registry, id), { registry, catalogue, heard }, fleet);
    return { asOf: fleet.asOf, vitals: vitals.toSorted((a, b) => worst(a) - worst(b)) };
  });
};

const chosen = (registry: Registry, id: string | undefined): readonly Device[] => {
  if (id === undefined) return registry.devices().filter(({ status }) => isInService(status));
  const device = registry.device({ by: 'id', value: deviceId(id) });
  if (device === undefined) throw new NotFound('device-unknown', `no device ${JSON.stringify(id)} is registered`);
  return [device];
};

const worst = ({ state }: Vitals): number => (state === undefined ? hearings.length : hearings.indexOf(state));

const heading = [
  'ID',
  'STATE',
  'CAUSE',
  'LAST HEARD',
  'MISSED 24H',
  'MISSED 7D',
  'FRAMES MISSED 7D',
  'BATTERY',
  'SIGNAL',
];

const rowOf = ({ device, state, cause, heardAt, missed, frames, battery, signal }: Vitals): readonly string[] => [
  device.id,
  state ?? device.status,
  cause === undefined ? '-' : causeOf(cause),
  heardAt === undefined ? 'never' : iso(heardAt),
  percentOf(missed['24h'].percent),
  percentOf(missed['7d'].percent),
  frames === undefined ? '-' : String(frames['7d'].missed),
  battery === undefined ? '-' : batteryOf(battery),
  signal === undefined
    ? '-'
    : `${signal.rssi.toFixed(0)} dBm, ${signal.trend === 'too-short' ? 'no trend yet' : signal.trend}`,
];

const causeOf = ({ cause, route }: NonNullable<Vitals['cause']>): string =>
  route === undefined ? cause : `${cause} ${route.name}`;

const percentOf = (percent: number | undefined): string => (percent === undefined ? '-' : `${percent.toFixed(1)} %`);

const batteryOf = ({ newest, unit, daysLeft, assumed, why }: NonNullable<Vitals['battery']>): string => {
  const left =
    daysLeft === undefined
      ? why === undefined
        ? ''
        : englishWords.say(`battery.${why}`)
      : `${daysLeft} days left${assumed ? ' (assumed)' : ''}`;
  return `${newest.toFixed(2)} ${unit}, ${left}`;
};
