import { Command } from 'commander';
import { iso, NotFound, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { gatewaysNow, gatewayStates, type GatewayNow } from '../../dashboard/now/gateways.ts';
import type { Attention } from '../../dashboard/now/rules.ts';
import { gatewayDetail, linkedOut, linkedTo, todayOf, type Linked } from '../../dashboard/radio/gateway.ts';
import { radioOut } from '../../dashboard/radio/wire.ts';
import { keptHeard } from '../../infra/heard/kept.ts';
import type { RadioReader } from '../../infra/radio/contract.ts';
import { keptRadio } from '../../infra/radio/reader.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';
import { withRegistry } from '../with-registry.ts';

interface Options {
  readonly json?: boolean;
}

/** What the server kept, and the gateways as of then. */
interface Kept {
  readonly registry: Registry;
  readonly radio: RadioReader;
  readonly attention: Attention;
  readonly gateways: ReadonlyMap<string, GatewayNow>;
}

const withKept = <T>(work: (kept: Kept) => T): Promise<T> =>
  withRegistry(async (registry) => {
    const heard = await keptHeard(registry, systemClock);
    const radio = await keptRadio(registry, systemClock);
    const attention = { asOf: heard.asOf(), listened: heard.listened() };
    return work({ registry, radio, attention, gateways: gatewaysNow(radio, attention) });
  });

/** @throws NotFound (`gateway-unknown`) */
const found = ({ gateways }: Kept, id: string): GatewayNow => {
  const gateway = gateways.get(id.toLowerCase()) ?? gateways.get(id);
  if (gateway === undefined)
    throw new NotFound('gateway-unknown', `no radio gateway ${JSON.stringify(id)} was ever heard of`);
  return gateway;
};

const NONE = 'No radio gateway was heard of yet';

/** `gateways list`: worst first. */
export const gatewayListCommand = (): Command =>
  new Command('list')
    .description('list all radio gateways: state, what they received today, who hangs on them alone; worst first')
    .option('--json', 'for scripts')
    .action(async ({ json }: Options) => {
      const { asOf, rows } = await withKept(listed);
      if (json === true) return print(JSON.stringify({ asOf, gateways: rows }));
      if (rows.length === 0) return print(NONE);
      print(`As of ${asOf}: ${rows.length} gateways`);
      process.stdout.write(
        table(
          ['ID', 'STATE', 'LAST HEARD', 'RECEIVED TODAY', 'CRC OK', 'UPLINKS TODAY', 'DEVICES', 'ONLY HERE', 'NAME'],
          rows.map(({ id, state, heardAt, devices, name, onlyHere, today }) => [
            id,
            state,
            heardAt ?? 'never',
            numberOr(today.received ?? today.frames),
            today.crcOkShare === null ? '-' : `${(100 * today.crcOkShare).toFixed(1)} %`,
            String(today.uplinks),
            String(devices),
            String(onlyHere),
            name ?? '',
          ]),
        ),
      );
    });

const numberOr = (value: number | null): string => (value === null ? '-' : String(value));

const listed = ({ radio, attention, gateways }: Kept) => {
  const alone = radio.alone();
  const devices = radio.linkCounts();
  const rows = [...gateways.values()]
    .sort((a, b) => gatewayStates.indexOf(a.state) - gatewayStates.indexOf(b.state))
    .map((now) => {
      const id = now.known.gateway;
      const more = { today: todayOf(id, radio, attention), onlyHere: alone.get(id)?.length ?? 0 };
      const heardAt = now.known.heardAt === undefined ? null : iso(now.known.heardAt);
      return { id, state: now.state, heardAt, devices: devices.get(id) ?? 0, ...radioOut(now, more) };
    });
  return { asOf: iso(attention.asOf), rows };
};

/** `gateways show ID`. How busy its channels are is known to the server alone: it is not kept. */
export const gatewayShowCommand = (): Command =>
  new Command('show')
    .description('show everything that is known of one radio gateway, and its days')
    .argument('<id>')
    .option('--json', 'for scripts')
    .action(async (id: string, { json }: Options) => {
      const {
        channels: _channels,
        channelsFrom: _from,
        subBands: _subBands,
        ...shown
      } = await withKept((kept) => gatewayDetail(found(kept, id), kept.radio, kept.attention));
      if (json === true) return print(JSON.stringify(shown));
      const { days, today, ...facts } = shown;
      const lines = Object.entries({ ...facts, ...today }).map(([key, value]) => [
        key,
        value === null ? '-' : String(value),
      ]);
      process.stdout.write(table(['FIELD', 'VALUE'], lines));
      if (days.length === 0) return;
      process.stdout.write(
        table(
          ['DAY', 'RECEIVED', 'CRC OK', 'FORWARDED', 'EMITTED', 'UPLINKS'],
          days.map(({ day, received, frames, receivedOk, forwarded, emitted, uplinks }) => [
            day,
            numberOr(received ?? frames),
            numberOr(receivedOk),
            numberOr(forwarded),
            numberOr(emitted),
            String(uplinks),
          ]),
        ),
      );
    });

const linkHeading = ['DEVICE', 'LAST HEARD', 'UPLINKS 7D', 'RSSI MEAN', 'RSSI BEST', 'SNR MEAN', 'SNR BEST'];

const linkRow = (linked: Linked): string[] => {
  const { id, heardAt, uplinks, rssiDbmMean, rssiDbmBest, snrDbMean, snrDbBest } = linkedOut(linked);
  return [id, heardAt, String(uplinks), ...[rssiDbmMean, rssiDbmBest, snrDbMean, snrDbBest].map(numberOr)];
};

/** `gateways devices ID`: whom it hears, and how well. */
export const gatewayDevicesCommand = (): Command =>
  new Command('devices')
    .description('list the devices that a radio gateway hears, and how well; RSSI in dBm, SNR in dB')
    .argument('<id>')
    .option('--json', 'for scripts')
    .action(async (id: string, { json }: Options) => {
      const linked = await withKept((kept) => linkedTo(found(kept, id).known.gateway, kept.radio, kept.registry));
      if (json === true) return print(JSON.stringify({ devices: linked.map(linkedOut) }));
      if (linked.length === 0) return print('It hears no registered device');
      const rows = linked.map((one) => [...linkRow(one), one.alone ? 'yes' : '']);
      process.stdout.write(table([...linkHeading, 'ONLY HERE'], rows));
    });

/** `gateways lonely`: who falls silent with which gateway. */
export const lonelyCommand = (): Command =>
  new Command('lonely')
    .description('list the devices that only one radio gateway hears: if it fails, they fall silent')
    .option('--json', 'for scripts')
    .action(async ({ json }: Options) => {
      const all = await withKept(({ radio, registry }) =>
        [...radio.alone().keys()]
          .map((gateway) => ({ gateway, linked: linkedTo(gateway, radio, registry).filter(({ alone }) => alone) }))
          .sort((a, b) => b.linked.length - a.linked.length || (a.gateway < b.gateway ? -1 : 1)),
      );
      if (json === true) {
        const gateways = all.map(({ gateway, linked }) => ({ id: gateway, devices: linked.map(linkedOut) }));
        return print(JSON.stringify({ gateways }));
      }
      if (all.length === 0) return print('No device is heard by one radio gateway only');
      for (const { gateway, linked } of all) {
        const who = linked.length === 1 ? 'this device falls' : `these ${linked.length} fall`;
        print(`If ${gateway} fails, ${who} silent:`);
        process.stdout.write(table(linkHeading, linked.map(linkRow)));
      }
    });
